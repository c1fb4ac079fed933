-- Slots of the standbys that readers of failover slots waited for there (synchronized_standby_slots): none was ever ahead of them, so
-- that a stored offset means the same bytes when one of them was promoted.
alter table pipeline.connector_servers add column awaited_standbys text[] not null default '{}';

-- How often a run of the key's queue was begun and not ended: a process that died over it has left its own behind.
alter table pipeline.parked_keys add column drains_begun integer not null default 0 check (drains_begun >= 0);

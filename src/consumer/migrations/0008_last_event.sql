-- The last event that a position moved over, and where it was. A topic that was made anew has another event there, or none: then
-- its reader stops instead of passing over what comes before its position.
alter table pipeline.consumer_positions
  add column last_offset   bigint,
  add column last_event_id uuid;

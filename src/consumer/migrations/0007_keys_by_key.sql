-- A batch asks for hundreds of keys in one statement. With the key in front, and compared by its bytes, Postgres finds them with
-- the first column of the index alone; behind two columns that are always the same it compared all three at every step.
alter table pipeline.consumer_keys
  drop constraint consumer_keys_pkey,
  alter column key type text collate "C",
  add primary key (key, topic, consumer);

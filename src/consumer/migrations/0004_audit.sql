-- What the audit must see to say what became of an event. It changes nothing here.
grant usage on schema pipeline to pipeline_audit;
grant select on pipeline.consumer_positions, pipeline.consumer_keys, pipeline.processed_events, pipeline.consumer_subscriptions,
  pipeline.parked_events, pipeline.parked_decisions to pipeline_audit;

-- Whoever operates the pipeline sees how far each consumer is, and changes nothing.
grant usage on schema pipeline to pipeline_ops;
grant select on pipeline.consumer_positions, pipeline.consumer_keys, pipeline.processed_events, pipeline.consumer_subscriptions to pipeline_ops;

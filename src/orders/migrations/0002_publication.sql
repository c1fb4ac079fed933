-- What Debezium may read: inserts into the outbox, its partitions shown as one table, so that making and dropping
-- partitions costs no decoding. Made here and not by the connector: that would need rights on every table.
create publication orders_outbox for table pipeline.outbox with (publish = 'insert', publish_via_partition_root = true);

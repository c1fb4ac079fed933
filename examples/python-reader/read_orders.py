"""Reads a topic from its first record to its end, decodes every record, and counts the event types.

Nothing here knows this pipeline: topic, bytes and schemas are what Kafka and the schema registry say they are.
"""

import argparse
import sys
from collections import Counter

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

NO_RECORD_FOR_SECONDS = 30


def main() -> int:
    args = arguments()
    decode = AvroDeserializer(SchemaRegistryClient({"url": args.registry}))
    context = SerializationContext(args.topic, MessageField.VALUE)
    consumer = Consumer(
        {
            "bootstrap.servers": args.brokers,
            # The client insists on a name; with assign() and no commits there is no group behind it.
            "group.id": "python-reader",
            "enable.auto.commit": False,
        }
    )
    counts, failures = Counter(), 0
    try:
        for record in read_to_end(consumer, args.topic):
            try:
                event = decode(record.value(), context)
                if not isinstance(event, dict):
                    raise ValueError(f"decoded to {type(event).__name__}, not to a record")
                counts[header(record, "eventType")] += 1
            except Exception as error:  # whatever it is: the record does not count as read
                failures += 1
                print(f"partition {record.partition()} offset {record.offset()}: {error}", file=sys.stderr)
    finally:
        consumer.close()
    for event_type, count in sorted(counts.items()):
        print(f"{event_type:<16} {count:>8}")
    print(f"{counts.total()} records of {args.topic} decoded, {failures} failed.")
    return 1 if failures > 0 or counts.total() == 0 else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", default="127.0.0.1:19092")
    parser.add_argument("--registry", default="http://127.0.0.1:18081/apis/ccompat/v7")
    parser.add_argument("--topic", default="orders.events")
    return parser.parse_args()


def read_to_end(consumer: Consumer, topic: str):
    """Every record up to the end that each partition had at the start."""
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    if found.error is not None:
        raise SystemExit(f"{topic}: {found.error}")
    partitions = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in found.partitions]
    unread = {}
    for partition in partitions:
        first, end = consumer.get_watermark_offsets(partition, timeout=10)
        if first < end:
            unread[partition.partition] = end
    consumer.assign(partitions)
    while unread:
        record = consumer.poll(NO_RECORD_FOR_SECONDS)
        if record is None:
            raise SystemExit(f"no record for {NO_RECORD_FOR_SECONDS} s, short of the end of {topic}: {unread}")
        if record.error() is not None:
            raise SystemExit(f"{topic}: {record.error()}")
        end = unread.get(record.partition())
        if end is None or record.offset() >= end:
            continue
        yield record
        if record.offset() + 1 == end:
            del unread[record.partition()]


def header(record, name: str) -> str:
    return dict(record.headers())[name].decode("utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KafkaException as error:
        sys.exit(f"Kafka: {error}")

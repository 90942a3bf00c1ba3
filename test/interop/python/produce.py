"""Writes events as confluent-kafka does it: its own serializer, its own partitioner.

Usage: produce.py <brokers> <registry url> <topic> <file with the schema> <file with the events as a JSON array>
"""

import json
import sys

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry_url, topic, schema_file, events_file = sys.argv[1:]
with open(schema_file, encoding="utf-8") as file:
    schema = file.read()
with open(events_file, encoding="utf-8") as file:
    events = json.load(file)

serialize = AvroSerializer(SchemaRegistryClient({"url": registry_url}), schema)
context = SerializationContext(topic, MessageField.VALUE)
producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
failures = []


def delivered(error, _message):
    if error is not None:
        failures.append(str(error))


for event in events:
    producer.produce(topic, key=event["id"], value=serialize(event, context), on_delivery=delivered)
producer.flush()
if failures:
    sys.exit("\n".join(failures))

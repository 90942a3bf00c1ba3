import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { runCommand } from '../../stack/installation/run-command.ts';
import { javaWithClients, runJava } from './java-programs.ts';
import { pythonWithClients } from './python-environment.ts';

/** Where events are written to, and by which schema. */
export interface Target {
  readonly brokers: string;
  readonly registry: string;
  readonly topic: string;
  /** For what the programs are handed. */
  readonly folder: string;
}

export interface ForeignProducer {
  readonly name: string;
  /** Installs what it takes; rejects where that cannot be had. */
  readonly prepare: () => Promise<unknown>;
  readonly produce: (events: readonly IncidentEvent[], target: Target) => Promise<void>;
}

const SCHEMA_FILE = join(import.meta.dirname, '../../schemas/IncidentEvent.avsc');

/** Clients that have nothing of this repository in them, each with its own serializer and partitioner. */
export const FOREIGN_PRODUCERS: readonly ForeignProducer[] = [
  {
    name: 'kafkajs with @kafkajs/confluent-schema-registry',
    prepare: () => Promise.resolve(),
    produce: produceByKafkajs,
  },
  {
    name: "Python's confluent-kafka with its AvroSerializer",
    prepare: pythonWithClients,
    produce: async (events, { brokers, registry, topic, folder }) => {
      const program = join(import.meta.dirname, 'python/produce.py');
      const file = await eventsFile(events, folder);
      await runCommand(await pythonWithClients(), [program, brokers, registry, topic, SCHEMA_FILE, file]);
    },
  },
  {
    name: "Java's KafkaProducer with Apache Avro",
    prepare: javaWithClients,
    produce: async (events, { brokers, registry, topic, folder }) => {
      const file = await eventsFile(events, folder);
      await runJava('ProduceEvents', [brokers, registry, topic, SCHEMA_FILE, file]);
    },
  },
];

async function produceByKafkajs(
  events: readonly IncidentEvent[],
  { brokers, registry, topic }: Target,
): Promise<void> {
  const schemas = new SchemaRegistry({ host: registry });
  const schema = await readFile(SCHEMA_FILE, 'utf8');
  // This client compares the level with that of the subject, which is the pipeline's.
  const options = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
  const { id } = await schemas.register({ type: SchemaType.AVRO, schema }, options);
  const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  try {
    const messages = events.map(async (event) => ({ key: event.id, value: await schemas.encode(id, event) }));
    await producer.send({ topic, messages: await Promise.all(messages) });
  } finally {
    await producer.disconnect();
  }
}

async function eventsFile(events: readonly IncidentEvent[], folder: string): Promise<string> {
  const file = join(folder, 'events.json');
  await writeFile(file, JSON.stringify(events));
  return file;
}

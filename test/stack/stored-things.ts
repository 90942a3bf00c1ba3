import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { createTopic } from '../services/kafka/create-topic.ts';

/** Where the services of a stack are, as its `env` file says, and PostgreSQL, which the pipeline does not use. */
export interface Places {
  readonly kafka: string;
  readonly schemaRegistry: string;
  readonly redis: string;
  readonly clickhouse: string;
  readonly postgres: string;
}

const SCHEMA = { type: 'record', name: 'Stored', namespace: 'test', fields: [{ name: 'a', type: 'int' }] };
const TOPIC = 'stored';

export function placesOf(dataDir: string, postgresPort: number): Places {
  const told = parseEnv(readFileSync(join(dataDir, 'env'), 'utf8'));
  return {
    kafka: told['KAFKA_BROKERS'] ?? '',
    schemaRegistry: told['SCHEMA_REGISTRY_URL'] ?? '',
    redis: told['REDIS_URL'] ?? '',
    clickhouse: told['CLICKHOUSE_URL'] ?? '',
    postgres: `postgres://postgres@127.0.0.1:${postgresPort}/postgres`,
  };
}

/** Puts something into every service. Returns the id that the registry gave to a schema. */
export async function storeEverywhere(places: Places): Promise<number> {
  await withKafka(places, async (kafka) => {
    const [admin, producer] = [kafka.admin(), kafka.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
    await createTopic(admin, TOPIC);
    await producer.send({ topic: TOPIC, messages: [{ value: 'kept' }] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  await withRedis(places, (redis) => redis.set('stored', 'kept'));
  await askPostgres(places, "create table stored as select 'kept' as what");
  await askClickhouse(places, 'CREATE TABLE stored (what String) ENGINE = MergeTree ORDER BY what');
  await askClickhouse(places, "INSERT INTO stored VALUES ('kept')");
  return registerSchema(places);
}

/** What every service has of what was stored; of the registry, the id of the schema. */
export async function storedEverywhere(places: Places): Promise<Record<keyof Places, unknown>> {
  const kafka = await withKafka(places, async (client) => {
    const admin = client.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(TOPIC);
    await admin.disconnect();
    return Number(offsets[0]?.high);
  });
  return {
    kafka,
    schemaRegistry: await registerSchema(places),
    redis: await withRedis(places, (redis) => redis.get('stored')),
    clickhouse: (await askClickhouse(places, 'SELECT what FROM stored')).trim(),
    postgres: (await askPostgres(places, 'select what from stored'))[0]?.['what'],
  };
}

function withKafka<T>({ kafka }: Places, use: (client: Kafka) => Promise<T>): Promise<T> {
  return use(new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING }));
}

/** The same schema registered again gets the same id. */
async function registerSchema({ schemaRegistry }: Places): Promise<number> {
  // The client adds /subjects and the like to a path of its own.
  const registry = new SchemaRegistry({ host: schemaRegistry });
  const { id } = await registry.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(SCHEMA) },
    { subject: 'stored-value' },
  );
  return id;
}

async function withRedis<T>({ redis }: Places, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function askPostgres({ postgres }: Places, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function askClickhouse({ clickhouse }: Places, sql: string): Promise<string> {
  const url = new URL(clickhouse);
  const credentials = Buffer.from(`${url.username}:${url.password}`).toString('base64');
  const reply = await fetch(`${url.origin}/?database=${url.pathname.slice(1)}`, {
    method: 'POST',
    body: sql,
    headers: { authorization: `Basic ${credentials}` },
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(text);
  return text;
}

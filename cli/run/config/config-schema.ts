import { z } from 'zod';
import { http } from './http-section.ts';
import { flag, leaf, listOf, rangeText, urlOf, wholeNumber } from './leaf.ts';
import { redis } from './redis-section.ts';
import { webhooks } from './webhook-section.ts';

const DAY_MS = 86_400_000;
const MAX_MS = 10 * 365 * DAY_MS;

/** Kafka's rule for the names of topics and groups. */
const name = z.string().regex(/^[a-zA-Z0-9._-]{1,120}$/);
const NAME = 'letters, digits, dots, dashes and underscores, at most 120';
const text = z.string().min(1).max(1_000);
const path = (means: string) => leaf(text.exactOptional(), { allowed: 'the path of a file', means });

const amount = (range: readonly [number, number], usual: number, means: string) =>
  leaf(wholeNumber(...range).default(usual), { allowed: rangeText(...range), means });
const milliseconds = (range: readonly [number, number], usual: number, means: string) =>
  leaf(wholeNumber(...range).default(usual), { allowed: `${rangeText(...range)} (milliseconds)`, means });
const oneOf = <const T extends readonly string[]>(values: T, usual: T[number], means: string) =>
  leaf(z.enum(values).default(usual as never), { allowed: `one of ${values.join(', ')}`, means });
const listeningHost = (means: string) =>
  leaf(text.default('127.0.0.1'), { allowed: 'an IP address or a host name', means });
const port = (usual: number, means: string) => amount([0, 65_535], usual, means);
const secret = (means: string) =>
  leaf(text.exactOptional(), { allowed: 'a text of 1 to 1,000 characters', means, secret: 'value' });
const plain = (means: string) =>
  leaf(text.exactOptional(), { allowed: 'a text of 1 to 1,000 characters', means });

const kafka = z.strictObject({
  brokers: leaf(
    listOf(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:,/@]+):\d{1,5}$/)).refine((list) => list.length > 0),
    {
      allowed: 'one or more of host:port, separated by commas or as an array',
      means: 'Some brokers of the cluster; the others are learnt from them.',
    },
  ),
  clientId: leaf(name.default('incident-streams'), {
    allowed: NAME,
    means: "The name in the brokers' logs and metrics.",
  }),
  connectTimeoutMs: milliseconds([100, 300_000], 5_000, 'How long connecting to a broker may take.'),
  requestTimeoutMs: milliseconds([1_000, 300_000], 30_000, 'How long a broker may take to answer.'),
  tls: z
    .strictObject({
      enabled: leaf(flag().default(false), {
        allowed: 'true or false',
        means: 'Whether connections are encrypted.',
      }),
      caFile: path("PEM file with the authorities that are trusted. Default: Node's."),
      certFile: path("PEM file with this client's certificate."),
      keyFile: path('PEM file with the key of that certificate.'),
      servername: plain(
        "Name that the brokers' certificates are checked against, where it is not the host's.",
      ),
    })
    .prefault({}),
  sasl: z
    .strictObject({
      mechanism: oneOf(['none', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'none', 'How to log in.'),
      username: plain('Name to log in with.'),
      password: secret('Password to log in with.'),
    })
    .prefault({}),
});

const registry = z.strictObject({
  url: leaf(urlOf('http:', 'https:'), {
    allowed: 'a URL that begins with http:// or https://',
    means: "The schema registry's Confluent-compatible API.",
    secret: 'url',
  }),
  username: plain('Name for HTTP basic authentication.'),
  password: secret('Password for HTTP basic authentication.'),
  timeoutMs: milliseconds([100, 300_000], 5_000, 'How long the registry may take to answer.'),
});

const processing = z.strictObject({
  guarantee: oneOf(
    ['exactly-once', 'at-least-once'],
    'exactly-once',
    'At-least-once is cheaper; after a crash records may be processed again.',
  ),
  commitIntervalMs: milliseconds([1, 60_000], 100, 'How long a task may work before it commits.'),
  maxCommitRecords: amount([1, 1_000_000], 20_000, 'Records in one commit, at most.'),
  transactionTimeoutMs: milliseconds(
    [1_000, 900_000],
    15_000,
    'How long the broker leaves a transaction of a process that has died open.',
  ),
  sessionTimeoutMs: milliseconds(
    [1_000, 1_800_000],
    10_000,
    'How long the group waits for a process that says nothing.',
  ),
  rebalanceTimeoutMs: milliseconds(
    [1_000, 1_800_000],
    60_000,
    'How long the group waits for everybody to come to a rebalance.',
  ),
});

const topics = z.strictObject({
  prefix: leaf(
    z
      .string()
      .regex(/^[a-zA-Z0-9._-]{0,100}$/)
      .default(''),
    {
      allowed: 'letters, digits, dots, dashes and underscores, at most 100',
      means: 'In front of the names of all topics, to keep pipelines on one cluster apart, e.g. staging.',
    },
  ),
  eventsPartitions: amount([1, 10_000], 6, 'Partitions of incident.events, where it is created.'),
  partitions: amount([1, 10_000], 6, 'Partitions of each other topic, where it is created.'),
  replicationFactor: leaf(wholeNumber(1, 100).exactOptional(), {
    allowed: rangeText(1, 100),
    means: "Copies of each partition, where a topic is created. Default: the broker's.",
  }),
  retentionMs: milliseconds(
    [60_000, MAX_MS],
    7 * DAY_MS,
    'How long records are kept where a topic is created; incident.state, being compacted, keeps the latest of each key. At least three times the limits.dedupeWithinMs of the rules.',
  ),
});

const clickhouse = z.strictObject({
  url: leaf(urlOf('http:', 'https:').exactOptional(), {
    allowed: 'a URL such as http://[user:password@]host:port[/database]',
    means: "ClickHouse's HTTP interface, where history is kept. Without it none is.",
    secret: 'url',
  }),
  username: plain('Default: the one in the URL, else default.'),
  password: secret('Default: the one in the URL, else none.'),
  database: plain('Made if it is missing. Default: the one in the URL, else history.'),
  retentionDays: leaf(wholeNumber(1, 36_500).exactOptional(), {
    allowed: `${rangeText(1, 36_500)} (days)`,
    means: 'How long history is kept, counted from its insert. Default: for ever.',
  }),
  migrate: leaf(flag().default(true), {
    allowed: 'true or false',
    means:
      'Whether the tables are made and altered at the start. Where it is false, `incidents clickhouse migrate` does it, and a user who may only insert is enough here.',
  }),
});

/** Everything that `incidents run` can be told, by section and key. */
export const configSchema = z.strictObject({
  role: oneOf(['all', 'topology', 'sinks', 'api'], 'all', 'What this process does.'),
  applicationId: leaf(name.default('incidents'), {
    allowed: NAME,
    means: 'Names the consumer group; transactional ids and changelog topics begin with it.',
  }),
  instanceId: leaf(name.exactOptional(), {
    allowed: NAME,
    means: 'A name that this process keeps over restarts: it then gets its tasks back without a rebalance.',
  }),
  stateDirectory: leaf(text.exactOptional(), {
    allowed: 'the path of a folder that no other process uses',
    means: 'Where stores are kept between starts. Default: in memory, restored from Kafka at each start.',
  }),
  log: z
    .strictObject({
      level: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'info', 'The least that is logged.'),
    })
    .prefault({}),
  kafka: kafka.prefault({} as never),
  registry: registry.prefault({} as never),
  processing: processing.prefault({}),
  topics: topics.prefault({}),
  ticks: z
    .strictObject({
      enabled: leaf(flag().default(true), {
        allowed: 'true or false',
        means:
          'Whether timers fire and windows close while no event comes. Switch it off to replay old events.',
      }),
      intervalMs: milliseconds([50, 60_000], 500, 'How often it is looked whether something is due.'),
    })
    .prefault({}),
  rules: z.strictObject({ file: path('JSON file with the rules. Default: those that ship.') }).prefault({}),
  redis: redis.prefault({}),
  clickhouse: clickhouse.prefault({}),
  webhooks,
  http: http.prefault({}),
  ingest: z
    .strictObject({
      maxInFlightEvents: amount(
        [1, 1_000_000],
        20_000,
        'Events of the HTTP API that wait for the brokers, at most; what comes on top is answered 503.',
      ),
      maxInFlightBytes: amount(
        [1_024, 1_073_741_824],
        33_554_432,
        "The bytes of these events' records, at most.",
      ),
    })
    .prefault({}),
  monitoring: z
    .strictObject({
      host: listeningHost('Where /healthz, /readyz and /metrics listen.'),
      port: port(9_464, 'Their port; 0 takes a free one.'),
    })
    .prefault({}),
});

export type RunConfig = z.infer<typeof configSchema>;

import {
  StreamsBuilder,
  doubleSerde,
  jsonSerde,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import type {
  KeyValueStore,
  StoreBuilder,
  StoreRecovery,
  Topology,
  WindowStore,
} from '@incident-streams/streams';
import type { FaultEvent } from './workload.ts';

/** What is known of the events of one key: depends on each of them, once, and on their order. */
export interface Summary {
  readonly count: number;
  readonly sum: number;
  readonly fingerprint: number;
}

export interface FaultTopics {
  readonly inbox: string;
  readonly windows: string;
  readonly keys: string;
  readonly regions: string;
}

export interface FaultTopology {
  readonly topology: Topology;
  readonly windows: StoreBuilder<WindowStore<string, Summary>>;
  readonly keys: StoreBuilder<KeyValueStore<string, Summary>>;
  readonly regions: StoreBuilder<KeyValueStore<string, Summary>>;
}

export const DEDUPE_WITHIN_MS = 300_000;
export const WINDOW_MS = 60_000;
export const GRACE_MS = 10_000;
export const FINGERPRINT_MODULUS = 1_000_003;
/** Names of the stores; changelogs are `<application id>-<store>-changelog`. */
export const STORES = { windows: 'per-minute', keys: 'per-key', regions: 'per-region' } as const;
export const REPARTITION = 'by-region-repartition';

export function faultTopics(prefix: string): FaultTopics {
  return {
    inbox: `${prefix}.inbox`,
    windows: `${prefix}.windows`,
    keys: `${prefix}.keys`,
    regions: `${prefix}.regions`,
  };
}

/**
 * Everything that a fault may spoil: de-duplication, windows that are emitted when they close, a running aggregate,
 * counters, and behind a repartition topic an aggregate of another sub-topology.
 */
export function faultTopology(topics: FaultTopics, dedupeRecovery: StoreRecovery): FaultTopology {
  const builder = new StreamsBuilder();
  const event = jsonSerde<FaultEvent>();
  const summary = jsonSerde<Summary>();
  const unique = builder
    .stream(topics.inbox, { key: stringSerde, value: event, timestamp: ({ value }) => value.at })
    .dedupe({ id: (_key, { id }) => id, withinMs: DEDUPE_WITHIN_MS, name: 'once', recovery: dedupeRecovery });

  const byKey = unique.groupByKey({ key: stringSerde, value: event });
  const windows = byKey
    .windowedBy(tumblingWindows({ sizeMs: WINDOW_MS, graceMs: GRACE_MS }), { emit: 'on-window-close' })
    .aggregate(nothing, add, { name: STORES.windows, aggregate: summary });
  windows
    .toStream()
    .map(({ key, startMs }, value) => [`${key}@${startMs}`, value])
    .to(topics.windows, { key: stringSerde, value: summary });

  const keys = byKey.aggregate(nothing, add, { name: STORES.keys, aggregate: summary });
  keys.toStream().to(topics.keys, { key: stringSerde, value: summary });

  const regions = unique
    .mapValues(({ region, amount }) => ({ region, amount }))
    .selectKey((_key, { region }) => region)
    .mapValues(({ amount }) => amount)
    .groupByKey({ key: stringSerde, value: doubleSerde, name: 'by-region' })
    .aggregate(nothing, addAmount, { name: STORES.regions, aggregate: summary });
  regions.toStream().to(topics.regions, { key: stringSerde, value: summary });

  return { topology: builder.build(), windows: windows.store, keys: keys.store, regions: regions.store };
}

function nothing(): Summary {
  return { count: 0, sum: 0, fingerprint: 0 };
}

function add(key: string, { amount }: FaultEvent, before: Summary): Summary {
  return addAmount(key, amount, before);
}

function addAmount(_key: string, amount: number, { count, sum, fingerprint }: Summary): Summary {
  return {
    count: count + 1,
    sum: sum + amount,
    fingerprint: (fingerprint * 31 + amount + 1) % FINGERPRINT_MODULUS,
  };
}

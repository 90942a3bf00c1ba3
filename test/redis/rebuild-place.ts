import { Redis } from 'ioredis';
import { jsonSerde, StreamsBuilder, stringSerde } from '@incident-streams/streams';
import type { SinkConnector, Topology } from '@incident-streams/streams';
import { expect, vi } from 'vitest';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { isAlertType } from '../../schemas/alert.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { textRecord } from '../streams/stream-case.ts';
import type { InputRecord } from '../streams/stream-case.ts';
import { listenForAlerts } from './alert-listener.ts';
import type { AlertListener } from './alert-listener.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { statesAfter } from './state-snapshot.ts';
import { recordsOf } from './transitions.ts';
import type { Step, TransitionRecord } from './transitions.ts';

export const PARTITIONS = 2;

/** The sink named `sink` is fed with the transitions of `out`, and restored from the states of `table`. */
export function transitionsToRedis(): Topology {
  const builder = new StreamsBuilder();
  const transitions = builder.stream('in', { key: stringSerde, value: jsonSerde<IncidentTransition>() });
  const states = transitions.mapValues(({ state }) => state);
  const table = states.to('table', { key: stringSerde, value: jsonSerde<IncidentState>() });
  transitions
    .to('out', { key: stringSerde, value: jsonSerde<IncidentTransition>() })
    .toSink('sink', { snapshot: table });
  return builder.build();
}

/** What a pipeline has written: a life of many incidents in each partition, told bit by bit. */
export class Lives {
  readonly #told: TransitionRecord[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly #all: readonly TransitionRecord[][];
  #produce: (records: readonly InputRecord[]) => Promise<void>;

  constructor(produce: (records: readonly InputRecord[]) => Promise<void>) {
    this.#produce = produce;
    this.#all = this.#told.map((_, partition) => recordsOf(stepsOf(partition)));
  }

  /** Of one partition, what has been told. */
  of(partition: number): readonly TransitionRecord[] {
    return this.#told[partition] ?? [];
  }

  /** Goes on in another way. */
  through(produce: (records: readonly InputRecord[]) => Promise<void>): this {
    this.#produce = produce;
    return this;
  }

  get isOver(): boolean {
    return this.#all.every((records, partition) => records.length === this.of(partition).length);
  }

  /** The table is never behind the transitions. */
  async tell(count: number): Promise<void> {
    const some = this.#all.map((records, partition) =>
      records.slice(this.of(partition).length, this.of(partition).length + count),
    );
    await this.#produce(some.flatMap((records, partition) => records.map(stateIn(partition))));
    await this.#produce(some.flatMap((records, partition) => records.map(transitionIn(partition))));
    some.forEach((records, partition) => this.#told[partition]?.push(...records));
  }
}

const SERVICES = ['payments', 'search', 'login'];

function stepsOf(partition: number): Step[] {
  return Array.from({ length: 3_000 }, (_, i): Step => {
    const incident = `p${partition}-${i % 7}-${Math.floor(i / 350)}`;
    const service = SERVICES[i % SERVICES.length] ?? '';
    const age = Math.floor((i % 350) / 7);
    const type = age === 0 ? 'OPENED' : age === 48 ? 'RESOLVED' : age === 49 ? 'CLOSED' : 'ESCALATED';
    // The oldest one never ends.
    return {
      incident: i % 7 === 0 ? `p${partition}-old` : incident,
      service,
      type: i % 7 === 0 ? 'UPDATED' : type,
    };
  }).map((step, i) => (i === 0 ? { ...step, type: 'OPENED' } : step));
}

const transitionIn = (partition: number) => (record: TransitionRecord) =>
  textRecord('out', keyOf(record), JSON.stringify(record.value), record.timestamp, { partition });

const stateIn = (partition: number) => (record: TransitionRecord) => {
  const state = record.value?.to === 'CLOSED' ? null : JSON.stringify(record.value?.state);
  return textRecord('table', keyOf(record), state, record.timestamp, { partition });
};

function keyOf({ value }: TransitionRecord): string {
  return value?.incidentId ?? '';
}

/** A Redis of its own, a listener to its alerts, and what both should have. */
export class RebuildPlace implements AsyncDisposable {
  readonly client: Redis;
  readonly url: string;
  readonly listener: AlertListener;
  readonly #redis: RedisUnderTest;

  private constructor(redis: RedisUnderTest, listener: AlertListener) {
    this.#redis = redis;
    this.url = redis.url;
    this.listener = listener;
    this.client = new Redis(redis.url);
  }

  static async make(): Promise<RebuildPlace> {
    const redis = await startOwnRedis();
    return new RebuildPlace(redis, await listenForAlerts(redis.url, ''));
  }

  /** As the runtimes take it: a connector of whatever content. */
  sink(): SinkConnector<string, string> {
    const sink: unknown = createRedisTransitionsSink({ url: this.url, maxRecordsPerScript: 100 });
    return sink as SinkConnector<string, string>;
  }

  /** Waits until Redis holds what the transitions say, and everything of it; then each alert has been heard once. */
  async holdsAll(lives: Lives, from = 0): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await vi.waitFor(() => this.#compare(partition, lives.of(partition), from), {
        timeout: 100_000,
        interval: 100,
      });
    }
    await this.listener.settle();
    const alerts = [0, 1].flatMap((partition) => alertIdsOf(lives.of(partition)));
    expect(this.heard()).toEqual(alerts.sort());
  }

  heard(): string[] {
    return this.listener.heard
      .filter(({ channel }) => channel === 'alerts')
      .map(({ alert }) => alert.id)
      .sort();
  }

  async #compare(partition: number, records: readonly TransitionRecord[], from: number): Promise<void> {
    const base = `incidents:{p${partition}}:`;
    const states = statesAfter(records);
    const open = [...states.values()].filter(({ status }) => status === 'OPEN');
    expect(await this.client.hget(`${base}applied`, 'offset')).toBe(String(records.length - 1));
    expect((await this.client.smembers(`${base}ids`)).sort()).toEqual([...states.keys()].sort());
    expect((await this.client.zrange(`${base}open`, 0, '-1')).sort()).toEqual(
      open.map(({ incidentId }) => incidentId).sort(),
    );
    for (const [id, state] of states) {
      const json = (await this.client.hget(`${base}incident:${id}`, 'state')) ?? '';
      expect(JSON.parse(json)).toEqual(state);
    }
    expect(await this.client.keys(`${base}incident:*`)).toHaveLength(states.size);
    expect(await this.client.keys(`${base}next:*`)).toEqual([]);
    const stream = await this.client.xrange(`${base}alerts`, '-', '+');
    const inStream = stream.map(([, [, alert]]) => (JSON.parse(alert ?? '') as { id: string }).id);
    expect(inStream).toEqual(alertIdsOf(records.slice(from)));
    const transitions = await this.client.hget(`${base}counters`, 'transitions');
    expect(transitions).toBe(String(records.length - from));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.close();
    this.client.disconnect();
    await this.#redis.stop();
  }
}

function alertIdsOf(records: readonly TransitionRecord[]): string[] {
  return records.flatMap(({ value }) =>
    value !== null && isAlertType(value.type) ? [`${value.incidentId}/${value.version}`] : [],
  );
}

import { Redis } from 'ioredis';
import type { IncidentState } from '../../../schemas/generated/IncidentState.ts';
import type { ReadTransition } from './transitions-of.ts';

/** What people are told of, after docs/redis.md. */
const ALERTS = new Set(['OPENED', 'ESCALATED', 'ACKNOWLEDGED', 'ACK_EXPIRED', 'RESOLVED', 'REOPENED']);

export interface Expected {
  /** By incident id, those that are not closed. */
  readonly incidents: ReadonlyMap<string, IncidentState>;
  /** Ids of those that are open or acknowledged. */
  readonly open: ReadonlySet<string>;
  /** Names of alerts, by partition, in order. */
  readonly alerts: ReadonlyMap<number, readonly string[]>;
}

/** What the transitions, as they are in Kafka, make of Redis. */
export function expectedOf(transitions: readonly ReadTransition[]): Expected {
  const incidents = new Map<string, IncidentState>();
  const alerts = new Map<number, string[]>();
  for (const { partition, transition } of transitions) {
    const { incidentId, to, state, version, type } = transition;
    if (to === 'CLOSED') incidents.delete(incidentId);
    else incidents.set(incidentId, state);
    if (!ALERTS.has(type)) continue;
    const ofPartition = alerts.get(partition) ?? [];
    alerts.set(partition, ofPartition);
    ofPartition.push(`${incidentId}/${version}`);
  }
  const open = [...incidents].filter(([, { status }]) => status === 'OPEN' || status === 'ACKNOWLEDGED');
  return { incidents, open: new Set(open.map(([id]) => id)), alerts };
}

/** In which points Redis is not as expected; none is what it should say. */
export async function differencesInRedis(url: string, prefix: string, expected: Expected): Promise<string[]> {
  const client = new Redis(url, { maxRetriesPerRequest: 3 });
  client.on('error', () => undefined);
  try {
    const found = await contentOf(client, prefix);
    return [
      ...differences('incident', versions(found.incidents), versions(expected.incidents)),
      ...differences('open', [...found.open], [...expected.open]),
      ...[...expected.alerts].flatMap(([partition, alerts]) =>
        sameOrder(`alerts of partition ${partition}`, found.alerts.get(partition) ?? [], alerts),
      ),
    ];
  } finally {
    client.disconnect();
  }
}

async function contentOf(client: Redis, prefix: string) {
  const incidents = new Map<string, IncidentState>();
  const open = new Set<string>();
  const alerts = new Map<number, string[]>();
  const partitions = Number(await client.hget(`${prefix}incidents:meta`, 'partitions'));
  for (let partition = 0; partition < partitions; partition++) {
    const base = `${prefix}incidents:{p${partition}}:`;
    for (const id of await client.zrange(`${base}open`, 0, '-1')) open.add(id);
    for (const key of await client.keys(`${base}incident:*`)) {
      const state = await client.hget(key, 'state');
      incidents.set(key.slice(`${base}incident:`.length), JSON.parse(state ?? '') as IncidentState);
    }
    const entries = (await client.xrange(`${base}alerts`, '-', '+')) as [string, string[]][];
    alerts.set(
      partition,
      entries.map(([, [, json]]) => (JSON.parse(json ?? '') as { id: string }).id),
    );
  }
  return { incidents, open, alerts };
}

function versions(incidents: ReadonlyMap<string, IncidentState>): string[] {
  return [...incidents].map(([id, { version, status }]) => `${id} v${version} ${status}`);
}

function differences(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const [have, want] = [new Set(found), new Set(expected)];
  return [
    ...expected.filter((one) => !have.has(one)).map((one) => `${what} ${one} is missing`),
    ...found.filter((one) => !want.has(one)).map((one) => `${what} ${one} should not be there`),
  ];
}

function sameOrder(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const at = expected.findIndex((one, place) => found[place] !== one);
  if (at < 0 && found.length === expected.length) return [];
  return [`${what}: ${found.length} instead of ${expected.length}, and other ones from place ${at}`];
}

import type { SinkRecord } from '@incident-streams/streams';
import { alertOf } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { layOutStates, pushAll } from './lay-out-states.ts';
import type { RedisAlert } from './redis-alert.ts';
import type { PartitionKeys } from './redis-keys.ts';

export type TransitionRecord = SinkRecord<string, IncidentTransition>;

/** What a batch leaves behind, as `apply-batch.lua` takes it, from its header on. */
export interface FoldedBatch {
  readonly keys: readonly string[];
  /** How many: saved, removed, services, alerts, counters. */
  readonly counts: readonly number[];
  readonly args: readonly string[];
}

/** Where the records come from, and what Redis holds already. */
export interface FoldContext {
  readonly keys: PartitionKeys;
  readonly partition: number;
  readonly topicEpoch: number;
  /** The states after the records up to this one came from a snapshot. Default -1: none did. */
  readonly stateOffset?: number;
  /** Incidents that a snapshot has brought later versions of. */
  readonly newer?: ReadonlySet<string>;
}

/**
 * Reduces records to their effect: of an incident only its last state matters, while every transition counts and
 * every alert is kept. Arguments come in the order that `apply-batch.lua` documents.
 */
export function foldBatch(records: readonly TransitionRecord[], context: FoldContext): FoldedBatch {
  const { keys, stateOffset = -1, newer } = context;
  const lastStates = new Map<string, IncidentState>();
  const counters = new Map<string, number>();
  const alerts: string[] = [];
  for (const record of records) {
    const transition = record.value;
    if (transition === null) continue;
    if (record.offset > stateOffset) lastStates.set(transition.incidentId, transition.state);
    count(counters, 'transitions');
    count(counters, transition.type);
    const alert = alertOf(transition);
    if (alert !== null) {
      count(counters, 'alerts');
      addAlert(alerts, alert, record.offset, context);
    }
  }
  if (newer !== undefined) for (const id of newer) lastStates.delete(id);

  const states = layOutStates(lastStates, keys);
  const args = states.args;
  pushAll(args, alerts);
  for (const [field, increment] of counters) args.push(field, String(increment));
  const counts = [...states.counts, alerts.length / 4, counters.size];
  return { keys: keys.fixed.concat(states.keys), counts, args };
}

function addAlert(alerts: string[], alert: Alert, offset: number, context: FoldContext): void {
  const id = `${context.topicEpoch}-${offset}`;
  const published: RedisAlert = { ...alert, stream: { partition: context.partition, id } };
  alerts.push(id, JSON.stringify(published), alert.severity.toLowerCase(), alert.service);
}

function count(counters: Map<string, number>, field: string): void {
  counters.set(field, (counters.get(field) ?? 0) + 1);
}

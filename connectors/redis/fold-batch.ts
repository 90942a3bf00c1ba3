import type { SinkRecord } from '@incident-streams/streams';
import { alertOf } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { openScore, isOpen } from './open-score.ts';
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

/** Where the records come from. */
export interface FoldContext {
  readonly keys: PartitionKeys;
  readonly partition: number;
  readonly topicEpoch: number;
}

interface ServiceChange {
  /** score, id, score, id, … */
  readonly opened: string[];
  readonly closed: string[];
}

/**
 * Reduces records to their effect: of an incident only its last state matters, while every transition counts and
 * every alert is kept. Arguments come in the order that `apply-batch.lua` documents.
 */
export function foldBatch(records: readonly TransitionRecord[], context: FoldContext): FoldedBatch {
  const lastStates = new Map<string, IncidentState>();
  const counters = new Map<string, number>();
  const alerts: string[] = [];
  for (const record of records) {
    const transition = record.value;
    if (transition === null) continue;
    lastStates.set(transition.incidentId, transition.state);
    count(counters, 'transitions');
    count(counters, transition.type);
    const alert = alertOf(transition);
    if (alert !== null) {
      count(counters, 'alerts');
      addAlert(alerts, alert, record.offset, context);
    }
  }
  return layOut(lastStates, alerts, counters, context.keys);
}

function layOut(
  lastStates: ReadonlyMap<string, IncidentState>,
  alerts: readonly string[],
  counters: ReadonlyMap<string, number>,
  keys: PartitionKeys,
): FoldedBatch {
  const saved: string[] = [];
  const savedIds: string[] = [];
  const removedIds: string[] = [];
  const all: ServiceChange = { opened: [], closed: [] };
  const services = new Map<string, ServiceChange>();
  for (const [id, state] of lastStates) {
    if (state.status === 'CLOSED') removedIds.push(id);
    else {
      savedIds.push(id);
      pushHash(saved, state);
    }
    const ofService = services.get(state.service) ?? { opened: [], closed: [] };
    services.set(state.service, ofService);
    for (const change of [all, ofService]) {
      if (isOpen(state)) change.opened.push(String(openScore(state)), id);
      else change.closed.push(id);
    }
  }

  const args = saved;
  pushLists(args, all.opened, all.closed, removedIds);
  for (const [service, change] of services) {
    args.push(service);
    pushLists(args, change.opened, change.closed);
  }
  pushAll(args, alerts);
  for (const [field, increment] of counters) args.push(field, String(increment));

  const keyNames = keys.fixed;
  for (const id of savedIds) keyNames.push(keys.incident(id));
  for (const id of removedIds) keyNames.push(keys.incident(id));
  for (const service of services.keys()) keyNames.push(keys.openOf(service));
  return {
    keys: keyNames,
    counts: [savedIds.length, removedIds.length, services.size, alerts.length / 4, counters.size],
    args,
  };
}

function addAlert(alerts: string[], alert: Alert, offset: number, context: FoldContext): void {
  const id = `${context.topicEpoch}-${offset}`;
  const published: RedisAlert = { ...alert, stream: { partition: context.partition, id } };
  alerts.push(id, JSON.stringify(published), alert.severity.toLowerCase(), alert.service);
}

function pushHash(args: string[], state: IncidentState): void {
  args.push(
    state.status,
    state.severity,
    state.service,
    state.component,
    state.summary,
    state.openedAt === null ? '' : String(state.openedAt),
    state.acknowledgedBy ?? '',
    String(state.version),
    JSON.stringify(state),
  );
}

function pushLists(args: string[], ...lists: readonly (readonly string[])[]): void {
  for (const list of lists) {
    args.push(String(list.length));
    pushAll(args, list);
  }
}

/** Not `push(...items)`: a call takes only so many arguments. */
function pushAll(args: string[], items: readonly string[]): void {
  for (const item of items) args.push(item);
}

function count(counters: Map<string, number>, field: string): void {
  counters.set(field, (counters.get(field) ?? 0) + 1);
}

import type { SinkSnapshot } from '@incident-streams/streams';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { TOPIC } from './transitions.ts';
import type { TransitionRecord } from './transitions.ts';

/** What is not closed after these records, by incident. */
export function statesAfter(records: readonly TransitionRecord[]): Map<string, IncidentState> {
  const states = new Map<string, IncidentState>();
  for (const { value } of records) {
    if (value === null) continue;
    states.delete(value.incidentId);
    if (value.state.status !== 'CLOSED') states.set(value.incidentId, value.state);
  }
  return states;
}

/** The snapshot that holds the effects of these records, and is sure of those up to `upToOffset` only. */
export function snapshotAfter(
  records: readonly TransitionRecord[],
  upToOffset = records.at(-1)?.offset ?? -1,
): SinkSnapshot<string, IncidentState> {
  const entries = Array.from(statesAfter(records), ([key, value]) => ({ key, value }));
  return { topic: TOPIC, partition: 0, upToOffset, entries };
}

import { randomUUID } from 'node:crypto';
import type { SinkSnapshot } from '@incident-streams/streams';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { layOutStates } from './lay-out-states.ts';
import { describeTime, lost, otherTopic, superseded } from './partition-errors.ts';
import type { PlaceOfPartition } from './partition-errors.ts';
import { RedisCommandError } from './redis-errors.ts';
import type { RedisLink } from './redis-connection.ts';
import type { PartitionKeys } from './redis-keys.ts';
import { runScript } from './redis-scripts.ts';

export type IncidentSnapshot = SinkSnapshot<string, IncidentState>;

export interface SnapshotTarget extends PlaceOfPartition {
  readonly link: RedisLink;
  readonly keys: PartitionKeys;
  /** The mark, as this process knows it: where it has moved, somebody else is at work. */
  readonly confirmed: number;
  readonly maxIncidentsPerScript: number;
}

/**
 * Makes Redis hold exactly these incidents of the partition, in many short script calls. Hashes are replaced one after
 * the other; the sets are put together beside those that are shown, then take their place at once; what is left of
 * incidents that are not in the snapshot goes last. After an interruption it begins anew and comes to the same: an
 * attempt that another one has followed is refused.
 */
export async function writeSnapshot(snapshot: IncidentSnapshot, target: SnapshotTarget): Promise<void> {
  const token = randomUUID();
  await begin(token, target);
  const states = snapshot.entries.map(({ value }) => value).filter(({ status }) => status !== 'CLOSED');
  for (let from = 0; from < states.length; from += target.maxIncidentsPerScript)
    await save(token, states.slice(from, from + target.maxIncidentsPerScript), target);
  await finish(token, snapshot.upToOffset, target);
}

async function begin(token: string, target: SnapshotTarget): Promise<void> {
  const { link, keys, source, confirmed } = target;
  const [outcome, detail] = await runScript(
    link,
    'beginSnapshot',
    [keys.applied, ...keys.next.fixed],
    [source.topicEpoch, confirmed, token, keys.next.openOf('')],
  );
  if (outcome === 'OTHER') throw otherTopic(target, `a topic first seen at ${describeTime(detail)}`);
  if (outcome === 'LOST') throw lost(target, { applied: Number(detail), confirmed });
}

async function save(token: string, states: readonly IncidentState[], target: SnapshotTarget): Promise<void> {
  const { link, keys } = target;
  const layout = layOutStates(new Map(states.map((state) => [state.incidentId, state])), {
    incident: (id) => keys.incident(id),
    openOf: (service) => keys.next.openOf(service),
  });
  const [outcome] = await runScript(
    link,
    'saveSnapshot',
    [keys.applied, ...keys.next.fixed, keys.ids, ...layout.keys],
    [token, keys.startOfIncidentId, ...layout.counts, ...layout.args],
  );
  if (outcome === 'SUPERSEDED') throw superseded(target);
}

async function finish(token: string, stateOffset: number, target: SnapshotTarget): Promise<void> {
  const { link, keys } = target;
  const names = [keys.applied, keys.open, keys.services, keys.ids, ...keys.next.fixed];
  const starts = [keys.incident(''), keys.openOf(''), keys.next.openOf('')];
  for (let cursor = 'show'; ;) {
    const args = [token, cursor, stateOffset, ...starts];
    const [outcome, next] = await runScript(link, 'finishSnapshot', names, args);
    if (outcome === 'DONE') return;
    if (outcome === 'SUPERSEDED') throw superseded(target);
    if (outcome !== 'NEXT') throw new RedisCommandError(`finishSnapshot: unexpected answer ${outcome}`);
    cursor = String(next);
  }
}

import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { isOpen, openScore } from './open-score.ts';

/** Where incidents are saved. */
export interface StateKeys {
  incident(id: string): string;
  openOf(service: string): string;
}

/** Changes to incidents and to the sets that they are in, as `save-state.lua` reads them. */
export interface StateLayout {
  readonly keys: string[];
  /** How many: saved, removed, services. */
  readonly counts: readonly number[];
  readonly args: string[];
}

interface SetChange {
  /** score, id, score, id, … */
  readonly opened: string[];
  readonly closed: string[];
}

/** What makes Redis hold these incidents in these states; of those that are CLOSED nothing stays. */
export function layOutStates(states: ReadonlyMap<string, IncidentState>, at: StateKeys): StateLayout {
  const args: string[] = [];
  const keys: string[] = [];
  const removedIds: string[] = [];
  const removedVersions: string[] = [];
  const all: SetChange = { opened: [], closed: [] };
  const services = new Map<string, SetChange>();
  for (const [id, state] of states) {
    if (state.status === 'CLOSED') {
      removedIds.push(id);
      removedVersions.push(String(state.version));
    } else {
      keys.push(at.incident(id));
      pushHash(args, state);
    }
    noteInSets(id, state, [all, changeOf(services, state.service)]);
  }

  const saved = keys.length;
  for (const id of removedIds) keys.push(at.incident(id));
  pushAll(args, removedVersions);
  pushLists(args, all.opened, all.closed, removedIds);
  for (const [service, change] of services) {
    keys.push(at.openOf(service));
    args.push(service);
    pushLists(args, change.opened, change.closed);
  }
  return { keys, counts: [saved, removedIds.length, services.size], args };
}

/** Not `push(...items)`: a call takes only so many arguments. */
export function pushAll(args: string[], items: readonly string[]): void {
  for (const item of items) args.push(item);
}

function noteInSets(id: string, state: IncidentState, sets: readonly SetChange[]): void {
  const score = isOpen(state) ? String(openScore(state)) : undefined;
  for (const { opened, closed } of sets) {
    if (score === undefined) closed.push(id);
    else opened.push(score, id);
  }
}

function changeOf(services: Map<string, SetChange>, service: string): SetChange {
  const known = services.get(service);
  if (known !== undefined) return known;
  const change = { opened: [], closed: [] };
  services.set(service, change);
  return change;
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

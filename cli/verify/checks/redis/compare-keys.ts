import type { PartitionKeys } from '../../../../connectors/redis/redis-keys.ts';
import type { IncidentState } from '../../../../schemas/generated/IncidentState.ts';
import { differenceOf } from '../../comparing/show-difference.ts';
import { NOTHING } from '../../finding.ts';
import type { Difference } from '../../finding.ts';
import type { Overview } from './redis-partition.ts';
import { hashOf, isOpen, scoreOf } from './reference-fold.ts';
import type { ReferenceFold } from './reference-fold.ts';

/** `beginsLate`: the first transitions are gone, so that what is in Redis may be right though it is not expected. */
interface Keyed {
  readonly key: string;
  readonly beginsLate: boolean;
}

export function compareOverview(
  fold: ReferenceFold,
  { ids, open, services, counters }: Overview,
  { keys, beginsLate }: { readonly keys: PartitionKeys; readonly beginsLate: boolean },
): readonly Difference[] {
  const members = new Map(Array.from(fold.incidents.keys(), (id) => [id, 'a member']));
  const found = new Map(ids.map((id) => [id, 'a member']));
  const inSets = [
    ...compareMembers(members, found, { key: keys.ids, isJudged: judges(fold, beginsLate) }),
    ...compareMembers(openIn(fold), open, { key: keys.open, isJudged: judges(fold, beginsLate) }),
  ];
  if (beginsLate) return inSets;
  const counted = new Map(Array.from(fold.counters, ([name, count]) => [name, String(count)]));
  const all = { isJudged: () => true };
  return [
    ...inSets,
    ...compareMembers(openByService(fold), services, { key: keys.services, ...all }),
    ...compareMembers(counted, counters, { key: keys.counters, ...all }),
  ];
}

export function compareServiceSet(
  fold: ReferenceFold,
  service: string,
  found: ReadonlyMap<string, string>,
  { key, beginsLate }: Keyed,
): readonly Difference[] {
  return compareMembers(openIn(fold, service), found, { key, isJudged: judges(fold, beginsLate) });
}

export function compareHash(
  state: IncidentState | undefined,
  found: ReadonlyMap<string, string>,
  key: string,
): readonly Difference[] {
  if (state === undefined && found.size === 0) return [];
  if (state === undefined || found.size === 0)
    return [{ at: key, expected: summaryOf(state), found: found.size === 0 ? NOTHING : textOf(found) }];
  const fields = { ...Object.fromEntries(found), state: parsed(found.get('state')) };
  const difference = differenceOf(hashOf(state), fields);
  return difference === undefined ? [] : [{ at: key, ...difference }];
}

/** Members with their scores, or fields with their values. */
function compareMembers(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  { key, isJudged }: { readonly key: string; readonly isJudged: (member: string) => boolean },
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const [member, value] of expected)
    if (found.get(member) !== value)
      differences.push({ at: `${key} ${member}`, expected: value, found: found.get(member) ?? NOTHING });
  for (const [member, value] of found)
    if (!expected.has(member) && isJudged(member))
      differences.push({ at: `${key} ${member}`, expected: NOTHING, found: value });
  return differences;
}

/** Of which members it is known that they should not be there. */
function judges(fold: ReferenceFold, beginsLate: boolean): (id: string) => boolean {
  return (id) => !beginsLate || fold.incidents.has(id) || fold.closed.has(id);
}

function openIn(fold: ReferenceFold, service?: string): ReadonlyMap<string, string> {
  const open = new Map<string, string>();
  for (const [id, state] of fold.incidents)
    if (isOpen(state) && (service === undefined || state.service === service)) open.set(id, scoreOf(state));
  return open;
}

function openByService(fold: ReferenceFold): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const state of fold.incidents.values())
    if (isOpen(state)) counts.set(state.service, (counts.get(state.service) ?? 0) + 1);
  return new Map(Array.from(counts, ([service, count]) => [service, String(count)]));
}

function summaryOf(state: IncidentState | undefined): string {
  return state === undefined ? NOTHING : `version=${state.version} ${state.status} ${state.correlationKey}`;
}

function textOf(found: ReadonlyMap<string, string>): string {
  return Array.from(found, ([field, value]) => `${field}=${value.slice(0, 40)}`)
    .slice(0, 5)
    .join(' ');
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return json;
  }
}

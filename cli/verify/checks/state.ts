import type { LogRecord, Serde } from '@incident-streams/streams';
import type { IncidentState } from '../../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { confirmed } from '../comparing/confirmed.ts';
import { decoded, isUnreadable } from '../comparing/decoded.ts';
import { LatestOfKeys } from '../comparing/latest-of-keys.ts';
import { canonicalJson, differenceOf } from '../comparing/show-difference.ts';
import { NOTHING } from '../finding.ts';
import type { Difference, Finder, Finding } from '../finding.ts';
import { nameOf } from '../reading/topic-reader.ts';
import type { VerifyParts } from '../verify-parts.ts';

/** The latest transition of each key against the latest record of the state topic: nothing there once it is closed. */
export async function checkState(parts: VerifyParts): Promise<Finding[]> {
  const finder = parts.finder('state');
  const partitions = parts.partitionsOf(TOPICS.transitions, TOPICS.state);
  const seen = { transitions: 0, keys: 0 };
  for (let partition = 0; partition < partitions; partition++) {
    const { transitions, state } = await checkPartition(parts, partition, finder);
    seen.transitions += transitions.records;
    seen.keys += state.latest.size;
  }
  return [finder.finish(`${seen.transitions} transitions against the states of ${seen.keys} keys`)];
}

/** States as canonical JSON, which takes little room and is quickly compared. */
type States = LatestOfKeys<string>;

async function checkPartition(
  parts: VerifyParts,
  partition: number,
  finder: Finder,
): Promise<{ readonly transitions: States; readonly state: States }> {
  const { serdes } = parts.sources;
  const [statePlace, transitionsPlace] = [
    parts.place(TOPICS.state, partition),
    parts.place(TOPICS.transitions, partition),
  ];
  const state: States = new LatestOfKeys(parts, statePlace, {
    valueOf: stateOf(serdes.incidentState),
  });
  const transitions: States = new LatestOfKeys(parts, transitionsPlace, {
    valueOf: stateAfter(serdes.incidentTransition),
    remembers: (key) => state.latest.has(key),
  });
  let unknown = 0;
  const compare = async (): Promise<readonly Difference[]> => {
    await state.advance();
    await transitions.advance();
    const compared = compareKeys(transitions, state, `${statePlace.topic}[${partition}]`);
    unknown = compared.unknown;
    return compared.differences;
  };
  const { differences, moving } = await confirmed(compare, parts.deadline);
  for (const difference of differences) finder.differ(difference);
  if (moving.length > 0)
    finder.couldNotCheck(`${moving.length} keys changed each time they were compared, e.g. ${moving[0]}`);
  if (unknown > 0)
    finder.couldNotCheck(
      `${nameOf(transitionsPlace)} begins at offset ${transitions.start}: the latest transition of ${unknown} keys has been deleted`,
    );
  return { transitions, state };
}

/** `unknown`: keys of the state topic whose transitions may lie before the beginning of theirs. */
function compareKeys(
  transitions: States,
  state: States,
  place: string,
): { readonly differences: readonly Difference[]; readonly unknown: number } {
  const differences: Difference[] = [];
  let unknown = 0;
  for (const [key, expected] of transitions.latest) {
    const found = state.latest.get(key);
    if (found !== expected) differences.push(describe(`${place} ${key}`, expected, found));
  }
  for (const [key, found] of state.latest) {
    if (transitions.latest.has(key)) continue;
    if (transitions.start > 0 && !transitions.removed.has(key)) unknown += 1;
    else differences.push(describe(`${place} ${key}`, undefined, found));
  }
  return { differences, unknown };
}

function describe(at: string, expected: string | undefined, found: string | undefined): Difference {
  if (expected === undefined || found === undefined)
    return { at, expected: summaryOf(expected), found: summaryOf(found) };
  const fields = differenceOf(JSON.parse(expected), JSON.parse(found));
  return { at, expected: fields?.expected ?? expected, found: fields?.found ?? found };
}

function summaryOf(json: string | undefined): string {
  if (json === undefined) return NOTHING;
  const { incidentId, status, version } = JSON.parse(json) as Partial<IncidentState>;
  return status === undefined ? json : `${incidentId} version=${version} ${status}`;
}

export function stateOf(serde: Serde<IncidentState>): (record: LogRecord) => string | null {
  return (record) => {
    const value = decoded(record, serde);
    return value === null ? null : canonicalJson(value);
  };
}

function stateAfter(serde: Serde<IncidentTransition>): (record: LogRecord) => string | null {
  return (record) => {
    const transition = decoded(record, serde);
    if (transition === null) return null;
    if (isUnreadable(transition)) return canonicalJson(transition);
    return transition.to === 'CLOSED' ? null : canonicalJson(transition.state);
  };
}

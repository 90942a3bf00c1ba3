import type { LogRecord } from '@incident-streams/streams';
import type { IncidentState } from '../../../schemas/generated/IncidentState.ts';
import type { LifecycleMemory } from '../../../topology/lifecycle/memory.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { confirmed } from '../comparing/confirmed.ts';
import { LatestOfKeys } from '../comparing/latest-of-keys.ts';
import { canonicalJson, differenceOf } from '../comparing/show-difference.ts';
import { CannotCheckError } from '../errors.ts';
import { NOTHING } from '../finding.ts';
import type { Difference, Finder, Finding } from '../finding.ts';
import type { VerifyParts } from '../verify-parts.ts';
import { stateOf } from './state.ts';

/** What in an incident may be ahead of its latest transition, until that is published when its window closes. */
const AHEAD = new Set([
  'severity',
  'summary',
  'firstProblemAt',
  'lastProblemAt',
  'problemCount',
  'recoveredAt',
]);

/** What the changelog of the store of memories says of each incident, against the state topic. */
export async function checkStores(parts: VerifyParts): Promise<Finding[]> {
  const { cluster, config, declared } = parts.sources;
  const finder = parts.finder('stores');
  const changelog = `${config.applicationId}-${declared.stores.memories.name}-changelog`;
  const facts = (await cluster.admin.describeTopics([changelog])).get(changelog);
  if (facts === undefined) throw new CannotCheckError(`the changelog ${changelog} does not exist`);
  const { partitions } = parts.topic(TOPICS.state);
  if (facts.partitions !== partitions)
    throw new CannotCheckError(
      `${changelog} has ${facts.partitions} partitions and the state topic ${partitions}: they cannot be compared`,
    );
  const seen = { memories: 0, states: 0 };
  for (let partition = 0; partition < partitions; partition++)
    await checkPartition(parts, { changelog, partition }, { finder, seen });
  return [finder.finish(`${seen.memories} incidents in memory against ${seen.states} states`)];
}

/** An incident as it is remembered, in canonical JSON. */
interface Remembered {
  readonly incident: string;
  readonly unpublished: boolean;
}

async function checkPartition(
  parts: VerifyParts,
  { changelog, partition }: { readonly changelog: string; readonly partition: number },
  into: { readonly finder: Finder; readonly seen: { memories: number; states: number } },
): Promise<void> {
  const { finder, seen } = into;
  const store = new LatestOfKeys(parts, { topic: changelog, partition }, { valueOf: rememberedOf });
  const state = new LatestOfKeys(parts, parts.place(TOPICS.state, partition), {
    valueOf: stateOf(parts.sources.serdes.incidentState),
  });
  const compare = async (): Promise<readonly Difference[]> => {
    await store.advance();
    await state.advance();
    const keys = new Set([...state.latest.keys(), ...store.latest.keys()]);
    return Array.from(keys).flatMap((key) => {
      const difference = compareOne(state.latest.get(key), store.latest.get(key));
      return difference === undefined ? [] : [{ at: `${changelog}[${partition}] ${key}`, ...difference }];
    });
  };
  const { differences, moving } = await confirmed(compare, parts.deadline);
  for (const difference of differences) finder.differ(difference);
  if (moving.length > 0)
    finder.couldNotCheck(`${moving.length} keys changed each time they were compared, e.g. ${moving[0]}`);
  seen.memories += store.latest.size;
  seen.states += state.latest.size;
}

function compareOne(
  state: string | undefined,
  remembered: Remembered | undefined,
): Omit<Difference, 'at'> | undefined {
  if (state === remembered?.incident) return undefined;
  if (state === undefined || remembered === undefined)
    return { expected: summaryOf(state), found: summaryOf(remembered?.incident) };
  const [expected, found] = [state, remembered.incident].map((json) =>
    withoutAhead(JSON.parse(json) as object, remembered.unpublished),
  );
  return differenceOf(expected, found);
}

function withoutAhead(incident: object, unpublished: boolean): object {
  if (!unpublished) return incident;
  return Object.fromEntries(Object.entries(incident).filter(([name]) => !AHEAD.has(name)));
}

function rememberedOf({ value }: LogRecord): Remembered | null {
  if (value === null) return null;
  try {
    const memory = JSON.parse(Buffer.from(value).toString('utf8')) as LifecycleMemory;
    if (memory.incident === null) return null;
    return { incident: canonicalJson(memory.incident), unpublished: memory.unpublished };
  } catch (error) {
    return { incident: canonicalJson({ unreadable: (error as Error).message }), unpublished: false };
  }
}

function summaryOf(json: string | undefined): string {
  if (json === undefined) return NOTHING;
  const { incidentId, status, version } = JSON.parse(json) as Partial<IncidentState>;
  return status === undefined ? json : `${incidentId} version=${version} ${status}`;
}

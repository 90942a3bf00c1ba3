import { TOPICS } from '../../../../topology/topics.ts';
import { confirmed } from '../../comparing/confirmed.ts';
import type { Difference, Finder } from '../../finding.ts';
import { nameOf } from '../../reading/topic-reader.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import { compareHash, compareOverview, compareServiceSet } from './compare-keys.ts';
import { FollowedFold } from './followed-fold.ts';
import type { RedisPartition } from './redis-partition.ts';
import { isOpen } from './reference-fold.ts';

/** So many keys are read in one step, which other clients of Redis wait for. */
const KEYS_A_STEP = 200;

/** Hashes, open sets, counts by service, ids and counters of one partition. Returns how many incidents there are. */
export async function checkIncidents(
  parts: VerifyParts,
  redis: RedisPartition,
  options: { readonly partition: number; readonly finder: Finder },
): Promise<number> {
  const { partition, finder } = options;
  const place = parts.place(TOPICS.transitions, partition);
  const scanned = await redis.scan();
  const known = new Set(scanned.ids);
  const followed = new FollowedFold(parts, place, {
    range: await parts.range(place),
    remembers: (id) => known.has(id),
  });
  const comparison = new PartitionComparison(redis, followed, scanned);
  const { differences, moving } = await confirmed(() => comparison.compare(), parts.deadline);
  for (const difference of differences) finder.differ(difference);
  if (moving.length > 0)
    finder.couldNotCheck(`${moving.length} keys changed each time they were compared, e.g. ${moving[0]}`);
  if (followed.beginsLate)
    finder.couldNotCheck(
      `the beginning of ${nameOf(place)} has been deleted: counters and ${comparison.unknown} incidents in Redis cannot be checked`,
    );
  return followed.fold.incidents.size;
}

class PartitionComparison {
  readonly #redis: RedisPartition;
  readonly #followed: FollowedFold;
  readonly #scanned: { readonly ids: readonly string[]; readonly services: readonly string[] };
  #unknown = 0;

  constructor(
    redis: RedisPartition,
    followed: FollowedFold,
    scanned: { readonly ids: readonly string[]; readonly services: readonly string[] },
  ) {
    this.#redis = redis;
    this.#followed = followed;
    this.#scanned = scanned;
  }

  /** Incidents in Redis of which no transition is left in the topic. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Each step is compared with the reference at its own mark: what is written between two steps disturbs neither. */
  async compare(): Promise<readonly Difference[]> {
    const { mark, value: overview } = await this.#redis.overview();
    const fold = await this.#followed.follow(mark);
    const { beginsLate } = this.#followed;
    const differences = compareOverview(fold, overview, { keys: this.#redis.keys, beginsLate });
    const ids = [...new Set([...fold.incidents.keys(), ...overview.ids, ...this.#scanned.ids])];
    const services = new Set([...overview.services.keys(), ...this.#scanned.services]);
    for (const state of fold.incidents.values()) if (isOpen(state)) services.add(state.service);
    return [...differences, ...(await this.#hashes(ids)), ...(await this.#serviceSets([...services]))];
  }

  async #hashes(ids: readonly string[]): Promise<readonly Difference[]> {
    const { keys } = this.#redis;
    const { beginsLate } = this.#followed;
    const differences: Difference[] = [];
    this.#unknown = 0;
    for (let from = 0; from < ids.length; from += KEYS_A_STEP) {
      const step = ids.slice(from, from + KEYS_A_STEP);
      const { mark, value: hashes } = await this.#redis.hashes(step);
      const fold = await this.#followed.follow(mark);
      for (const [i, id] of step.entries()) {
        if (beginsLate && !fold.incidents.has(id) && !fold.closed.has(id)) this.#unknown += 1;
        else
          differences.push(...compareHash(fold.incidents.get(id), hashes[i] ?? new Map(), keys.incident(id)));
      }
    }
    return differences;
  }

  async #serviceSets(services: readonly string[]): Promise<readonly Difference[]> {
    const { keys } = this.#redis;
    const { beginsLate } = this.#followed;
    const differences: Difference[] = [];
    for (let from = 0; from < services.length; from += KEYS_A_STEP) {
      const step = services.slice(from, from + KEYS_A_STEP);
      const { mark, value: sets } = await this.#redis.openOf(step);
      const fold = await this.#followed.follow(mark);
      for (const [i, service] of step.entries()) {
        const set = sets[i] ?? new Map<string, string>();
        differences.push(...compareServiceSet(fold, service, set, { key: keys.openOf(service), beginsLate }));
      }
    }
    return differences;
  }
}

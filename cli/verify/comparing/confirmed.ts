import { setTimeout as sleep } from 'node:timers/promises';
import type { Difference } from '../finding.ts';
import type { Deadline } from '../reading/deadline.ts';

const BETWEEN_ROUNDS_MS = 250;

export interface Confirmed {
  readonly differences: readonly Difference[];
  /** Keys that changed each time they were looked at, and never matched. */
  readonly moving: readonly string[];
}

/**
 * Differences that are there twice, exactly the same: what moves between two looks at it is looked at again, so that
 * a place which is ahead of the other for a moment is not called wrong.
 * @param compare brings what is compared up to date and says, by key, what differs
 */
export async function confirmed(
  compare: () => Promise<readonly Difference[]>,
  deadline: Deadline,
): Promise<Confirmed> {
  let suspects = byKey(await compare());
  const differences: Difference[] = [];
  while (suspects.size > 0) {
    await sleep(BETWEEN_ROUNDS_MS);
    const now = byKey(await compare());
    const still = new Map<string, Difference>();
    for (const [key, before] of suspects) {
      const again = now.get(key);
      if (again === undefined) continue;
      if (again.expected === before.expected && again.found === before.found) differences.push(again);
      else still.set(key, again);
    }
    suspects = still;
    if (deadline.hasPassed) break;
  }
  return { differences, moving: [...suspects.keys()] };
}

function byKey(differences: readonly Difference[]): Map<string, Difference> {
  return new Map(differences.map((difference) => [difference.at, difference]));
}

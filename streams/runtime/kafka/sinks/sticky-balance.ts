export interface BalanceMember {
  readonly id: string;
  /** What it had at the last balance that it knows of. */
  readonly owned: readonly string[];
  /** When that was: of two that say they own the same, the one with the larger generation is believed. */
  readonly generation: number;
}

/**
 * Shares items out among members: each item to exactly one, no member more than one ahead of another, and of what is
 * owned as little moves as that allows. The same question has the same answer, in whatever order it is asked.
 */
export function stickyBalance(
  members: readonly BalanceMember[],
  items: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  if (members.length === 0) return new Map();
  const claims = claimsOf(members, items);
  const shares = [...claims].sort(byMostThenName);
  const least = Math.floor(items.length / members.length);
  const withOneMore = items.length % members.length;

  const kept = new Set<string>();
  for (const [place, [, owned]] of shares.entries()) {
    owned.length = Math.min(owned.length, least + (place < withOneMore ? 1 : 0));
    for (const item of owned) kept.add(item);
  }
  const free = items.filter((item) => !kept.has(item)).sort();
  for (const [place, [, owned]] of shares.entries())
    owned.push(...free.splice(0, least + (place < withOneMore ? 1 : 0) - owned.length));
  return claims;
}

/** What each member owns by the latest word on it. */
function claimsOf(members: readonly BalanceMember[], items: readonly string[]): Map<string, string[]> {
  const claims = new Map<string, string[]>(members.map(({ id }) => [id, []]));
  const believed = [...members].sort((a, b) => b.generation - a.generation || compare(a.id, b.id));
  const unclaimed = new Set(items);
  for (const { id, owned } of believed) {
    for (const item of [...owned].sort()) if (unclaimed.delete(item)) claims.get(id)?.push(item);
  }
  return claims;
}

/** Who owns most gets the larger shares: less has to move. */
function byMostThenName(
  [idA, a]: readonly [string, readonly string[]],
  [idB, b]: readonly [string, readonly string[]],
): number {
  return b.length - a.length || compare(idA, idB);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stickyBalance } from '../../../../streams/runtime/kafka/sinks/sticky-balance.ts';
import type { BalanceMember } from '../../../../streams/runtime/kafka/sinks/sticky-balance.ts';

type Balance = ReadonlyMap<string, readonly string[]>;

const ITEMS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Members with claims that may contradict each other and name what does not exist. */
const anyMembers: fc.Arbitrary<BalanceMember[]> = fc
  .array(fc.record({ owned: fc.subarray([...ITEMS, 'gone']), generation: fc.nat(2) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((claims) => claims.map((claim, i) => ({ id: `m${i}`, ...claim })));
const anyItems = fc.subarray(ITEMS);

/** Each item to the member that says so in the latest generation, as far as anyone does. */
function ownersOf(members: readonly BalanceMember[], items: readonly string[]): Map<string, string> {
  const believed = [...members].sort((a, b) => a.generation - b.generation || (a.id < b.id ? 1 : -1));
  return new Map(
    believed.flatMap(({ id, owned }) =>
      owned.filter((item) => items.includes(item)).map((item) => [item, id]),
    ),
  );
}

function keptIn(balance: Balance, owners: ReadonlyMap<string, string>): number {
  return [...balance].flatMap(([id, items]) => items.filter((item) => owners.get(item) === id)).length;
}

/** The most that any balanced division keeps, by trying them all. */
function mostKept(
  members: readonly BalanceMember[],
  items: readonly string[],
  owners: ReadonlyMap<string, string>,
): number {
  const most = Math.ceil(items.length / members.length);
  const withMost = items.length % members.length || members.length;
  let best = 0;
  const counts = new Map(members.map(({ id }) => [id, 0]));
  const deal = (place: number, kept: number): void => {
    if (place === items.length) {
      const full = [...counts.values()].filter((count) => count === most).length;
      const least = Math.min(...counts.values());
      if (full === withMost && least >= Math.floor(items.length / members.length))
        best = Math.max(best, kept);
      return;
    }
    const item = items[place] ?? '';
    for (const [id, count] of counts) {
      if (count === most) continue;
      counts.set(id, count + 1);
      deal(place + 1, kept + (owners.get(item) === id ? 1 : 0));
      counts.set(id, count);
    }
  };
  deal(0, 0);
  return best;
}

describe('a sticky balance', () => {
  it('gives each item to one member, everybody as much as the others, and moves as little as that allows', () => {
    fc.assert(
      fc.property(anyMembers, anyItems, (members, items) => {
        const balance = stickyBalance(members, items);
        const sizes = [...balance.values()].map((share) => share.length);
        expect([...balance.keys()].sort()).toEqual(members.map(({ id }) => id));
        expect([...balance.values()].flat().sort()).toEqual(items);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const owners = ownersOf(members, items);
        expect(keptIn(balance, owners)).toBe(mostKept(members, items, owners));
      }),
    );
  });

  it('is the same in whatever order members and items come', () => {
    const sorted = (balance: Balance) => new Map([...balance].map(([id, share]) => [id, [...share].sort()]));
    fc.assert(
      fc.property(anyMembers, anyItems, (members, items) => {
        const reversed = stickyBalance([...members].reverse(), [...items].reverse());
        expect(sorted(reversed)).toEqual(sorted(stickyBalance(members, items)));
      }),
    );
  });

  it('gives nobody anything where there is nobody', () => {
    expect(stickyBalance([], ITEMS)).toEqual(new Map());
  });
});

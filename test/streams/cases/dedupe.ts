import { textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

const within100 = fromInput(
  (input) => void input.dedupe({ id: (_key, value) => value, withinMs: 100, name: 'once' }).to('out', text),
);

const seen = (id: string, timestamp: number, key = 'k') => textRecord('in', key, id, timestamp);

/** Sightings of one id in segments that are long gone, then one far ahead, many times over. */
const manyOldIds = Array.from({ length: 450 }, (_, i) => seen(`id${i}`, i));

export const dedupeCases: readonly StreamCase[] = [
  {
    name: 'the first sighting passes, the others are counted',
    declare: within100,
    input: [seen('x', 10), seen('y', 11), seen('x', 12), seen('x', 10, 'other key'), seen('y', 12)],
    expected: { out: ['[0] k=x @10', '[0] k=y @11'] },
    counters: { duplicate: 3, processed: 5 },
  },
  {
    name: 'what lies exactly as far apart as allowed is a duplicate, a millisecond more is not',
    declare: within100,
    input: [seen('x', 100), seen('x', 200), seen('y', 100), seen('y', 201)],
    expected: { out: ['[0] k=x @100', '[0] k=y @100', '[0] k=y @201'] },
    counters: { duplicate: 1 },
  },
  {
    name: 'every sighting refreshes: an id that keeps coming stays a duplicate',
    declare: within100,
    input: [seen('x', 0), seen('x', 90), seen('x', 180), seen('x', 270), seen('x', 371)],
    expected: { out: ['[0] k=x @0', '[0] k=x @371'] },
    counters: { duplicate: 3 },
  },
  {
    name: 'copies out of order are duplicates of what came before them, however late the time of that',
    declare: within100,
    input: [seen('x', 150), seen('x', 60), seen('y', 250), seen('y', 149), seen('y', 199)],
    expected: { out: ['[0] k=x @150', '[0] k=y @250', '[0] k=y @149'] },
    counters: { duplicate: 2 },
  },
  {
    name: 'a copy is measured against every sighting, not the newest of its neighbourhood alone',
    declare: within100,
    // 40 lies within 100 of 100, though not of 199.
    input: [seen('x', 100), seen('x', 199), seen('x', 40)],
    expected: { out: ['[0] k=x @100'] },
    counters: { duplicate: 2 },
  },
  {
    name: 'what lies out of reach of the newest sighting is forgotten at once, whenever it is removed from disk',
    declare: within100,
    input: [...manyOldIds, seen('ahead', 10_000), ...manyOldIds.slice(0, 3), ...manyOldIds.slice(0, 3)],
    expected: {
      out: [
        ...manyOldIds.map((_, i) => `[0] k=id${i} @${i}`),
        '[0] k=ahead @10000',
        // Twice: nothing remembers them any more, not even each other.
        ...[0, 1, 2, 0, 1, 2].map((i) => `[0] k=id${i} @${i}`),
      ],
    },
    counters: { duplicate: 0 },
  },
  {
    name: 'the removal of old ids changes nothing within reach',
    declare: within100,
    input: [
      ...Array.from({ length: 130 }, (_, i) => seen(`id${i}`, i * 10)),
      ...Array.from({ length: 10 }, (_, i) => seen(`id${129 - i}`, (129 - i) * 10)),
    ],
    expected: { out: Array.from({ length: 130 }, (_, i) => `[0] k=id${i} @${i * 10}`) },
    counters: { duplicate: 10 },
  },
];

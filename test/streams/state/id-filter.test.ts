import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdFilter, hashOfId } from '../../../streams/state/id-filter.ts';

test('an id that was added may always be held, however many were added and however far the table has grown', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 3_000 }), (ids) => {
      const filter = new IdFilter();
      for (const id of ids) filter.add(hashOfId(id));
      expect(ids.every((id) => filter.mayHold(hashOfId(id)))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('of ids that were never added hardly any is taken for one that was', () => {
  const filter = new IdFilter();
  for (let i = 0; i < 100_000; i++) filter.add(hashOfId(`https://probes.example.com/eu-west-1 event-${i}`));
  let mistaken = 0;
  for (let i = 100_000; i < 200_000; i++)
    if (filter.mayHold(hashOfId(`https://probes.example.com/eu-west-1 event-${i}`))) mistaken++;
  expect(mistaken).toBeLessThan(20);
});

test('no id hashes to the mark of a free slot', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(hashOfId(id)).not.toBe(0);
    }),
    { numRuns: 1_000 },
  );
});

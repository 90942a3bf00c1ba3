import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OffsetSet } from '../../cli/verify/comparing/offset-set.ts';

test('a set of offsets holds exactly what was added, and says what it had before', () => {
  const offsets = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(offsets, offsets, (added, asked) => {
      const [set, model] = [new OffsetSet(), new Set<number>()];
      for (const offset of added) {
        expect(set.add(offset)).toBe(!model.has(offset));
        model.add(offset);
      }
      for (const offset of [...added, ...asked]) expect(set.has(offset)).toBe(model.has(offset));
      expect(set.smallest).toBe(added.length === 0 ? undefined : Math.min(...added));
    }),
  );
});

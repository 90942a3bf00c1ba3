import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageOfIncidents } from '../../connectors/http/index.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { incident } from './samples.ts';

const incidents = fc
  .array(
    fc.record({
      severity: fc.constantFrom('INFO' as const, 'MINOR' as const, 'MAJOR' as const, 'CRITICAL' as const),
      firstProblemAt: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 40 },
  )
  .map((some) => some.map((overrides, at) => incident({ incidentId: `inc-${at}`, ...overrides })));

test('the pages together are the whole list, each incident once and in order', () => {
  fc.assert(
    fc.property(incidents, fc.integer({ min: 1, max: 7 }), (all, limit) => {
      const whole = pageOfIncidents(all, { limit: all.length + 1 }).incidents;
      expect(allPages(() => all, limit)).toEqual(whole);
      expect(new Set(whole).size).toBe(all.length);
    }),
  );
});

test('incidents that open or close between two pages never hide one that stays', () => {
  fc.assert(
    fc.property(
      incidents,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 2, max: 5 }),
      (all, limit, nth) => {
        const staying = all.filter((_, at) => at % nth === 0);
        let round = 0;
        const seen = allPages(() => ((round += 1) % 2 === 0 ? staying : all), limit);
        expect(seen).toEqual(expect.arrayContaining(staying));
        expect(new Set(seen).size).toBe(seen.length);
      },
    ),
  );
});

function allPages(current: () => readonly IncidentState[], limit: number): IncidentState[] {
  const seen: IncidentState[] = [];
  let page = pageOfIncidents(current(), { limit });
  seen.push(...page.incidents);
  while (page.nextCursor !== undefined) {
    page = pageOfIncidents(current(), { limit, cursor: page.nextCursor });
    seen.push(...page.incidents);
  }
  return seen;
}

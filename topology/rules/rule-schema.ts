import { z } from 'zod';
import type { RuleSet } from './rule.ts';

const severity = z.enum(['INFO', 'MINOR', 'MAJOR', 'CRITICAL']);
const durationMs = z.int().min(0);
const positiveMs = z.int().min(1);

const pattern = z
  .string()
  .min(1)
  .regex(/^[^*/]*\*?$/, 'must be a name without slash, or a prefix with one trailing *')
  .default('*');

const adaptive = z.strictObject({
  measure: z.enum(['problems', 'mean', 'max']),
  direction: z.enum(['above', 'below', 'either']).default('above'),
  deviations: z.number().positive(),
  minimum: z.number().default(0),
  leastDeviationRatio: z.number().min(0).default(0.02),
  warmupWindows: z.int().min(2),
  halfLifeWindows: z.number().min(1),
  acceptAfterWindows: z.int().min(1).nullable().default(null),
  severity: severity.default('MAJOR'),
});

const openWhen = z.strictObject({
  problemCount: z.int().min(1).nullable().default(null),
  adaptive: adaptive.nullable().default(null),
});

/** One rule as it is written, before what depends on several of its fields is checked. */
const ruleFields = z.strictObject({
  id: z.string().min(1),
  version: z.int().min(1),
  match: z.strictObject({ service: pattern, component: pattern }).default({ service: '*', component: '*' }),
  windowMs: positiveMs,
  openWhen: openWhen.default({ problemCount: null, adaptive: null }),
  openImmediatelyAt: severity.nullable().default(null),
  openOnFirst: z.boolean().default(false),
  detectOn: z.enum(['problem', 'threshold']).optional(),
  pendingMs: positiveMs,
  holdMs: durationMs,
  quietMs: positiveMs.nullable(),
  ackExpiryMs: positiveMs.nullable(),
  reopenMs: durationMs,
  retentionMs: durationMs,
});

const rule = ruleFields
  .refine(
    (r) =>
      r.openOnFirst ||
      r.openImmediatelyAt !== null ||
      r.openWhen.problemCount !== null ||
      r.openWhen.adaptive !== null,
    {
      path: ['openWhen'],
      message:
        'nothing would ever open an incident: give problemCount, adaptive, openImmediatelyAt or openOnFirst',
    },
  )
  .refine((r) => r.retentionMs >= r.reopenMs, {
    path: ['retentionMs'],
    message: 'must be at least reopenMs: an incident can only come back while it is retained',
  })
  .transform((r) => ({
    ...r,
    detectOn: r.detectOn ?? (r.openWhen.adaptive === null ? ('problem' as const) : ('threshold' as const)),
  }));

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const ruleSetSchema = z
  .strictObject({
    limits: z.strictObject({
      graceMs: durationMs,
      dedupeWithinMs: positiveMs,
      maxAheadMs: durationMs,
      minTime: instant.refine((time) => time >= 0, 'must not be before 1970'),
    }),
    rules: z.array(rule).min(1),
  })
  .superRefine(({ limits, rules }, context) => {
    const report = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (limits.dedupeWithinMs < limits.graceMs) {
      report(
        ['limits', 'dedupeWithinMs'],
        'must be at least graceMs: a repetition that is not yet late must still be recognised',
      );
    }
    const seenIds = new Set<string>();
    rules.forEach((r, index) => {
      if (seenIds.has(r.id)) report(['rules', index, 'id'], `'${r.id}' is used twice`);
      seenIds.add(r.id);
      if (r.openWhen.adaptive !== null && r.quietMs !== null && r.quietMs < r.windowMs + limits.graceMs) {
        report(
          ['rules', index, 'quietMs'],
          'must be at least windowMs + graceMs: it would resolve before the next window is judged',
        );
      }
      const catchesAll = r.match.service === '*' && r.match.component === '*';
      const isLast = index === rules.length - 1;
      if (isLast && !catchesAll)
        report(['rules', index, 'match'], "the last rule must match everything ('*')");
      if (!isLast && catchesAll)
        report(['rules', index, 'match'], 'matches everything: the rules after it would never be used');
    });
  }) satisfies z.ZodType<RuleSet>;

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseRules, RulesError } from '../../../topology/rules/parse-rules.ts';
import { ruleJson, ruleSetJson } from '../fixtures.ts';

function complaintAbout(json: unknown): string {
  try {
    parseRules(json);
  } catch (error) {
    if (error instanceof RulesError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

test('the rules that ship are valid, and their defaults are filled in', () => {
  const file = new URL('../../../topology/rules/default-rules.json', import.meta.url);
  const { limits, rules } = parseRules(JSON.parse(readFileSync(file, 'utf8')));
  expect(limits.minTime).toBe(Date.UTC(2000, 0, 1));
  expect(rules.map((rule) => [rule.id, rule.detectOn])).toEqual([
    ['status-page', 'problem'],
    ['crash-rate', 'threshold'],
    ['latency', 'threshold'],
    ['default', 'problem'],
  ]);
});

describe('a bad field is named by its path', () => {
  test.each([
    ['rules[0].windowMs', ruleJson({ windowMs: '1 min' })],
    ['rules[0].windowMs', ruleJson({ windowMs: 0 })],
    ['rules[0].openWhen.problemCount', ruleJson({ openWhen: { problemCount: 0.5 } })],
    ['rules[0].openImmediatelyAt', ruleJson({ openImmediatelyAt: 'HIGH' })],
    ['rules[0].match.service', ruleJson({ match: { service: 'a*b' } })],
    ['rules[0].openWhen.adaptive.warmupWindows', ruleJson({ openWhen: { adaptive: { measure: 'mean' } } })],
  ])('%s', (path, rule) => {
    expect(complaintAbout(ruleSetJson(rule))).toContain(`${path}: `);
  });

  test('a name that no field has', () => {
    expect(complaintAbout(ruleSetJson(ruleJson({ windowsMs: 1 })))).toMatch(/rules\[0\].*windowsMs/);
  });

  test('every one of several', () => {
    const complaint = complaintAbout({ ...ruleSetJson(ruleJson({ holdMs: -1, version: 0 })), limits: null });
    for (const path of ['limits', 'rules[0].holdMs', 'rules[0].version'])
      expect(complaint).toContain(`${path}: `);
  });

  test('what is no object at all', () => {
    expect(complaintAbout('rules')).toContain('(the whole file): ');
  });
});

describe('rules that contradict themselves are refused', () => {
  const adaptive = { measure: 'problems', deviations: 3, warmupWindows: 5, halfLifeWindows: 10 };

  test.each([
    ['nothing would ever open an incident', ruleJson({ openWhen: {} })],
    ['at least reopenMs', ruleJson({ retentionMs: 1 })],
    ['at least windowMs + graceMs', ruleJson({ openWhen: { adaptive }, quietMs: 119_999 })],
    ['the last rule must match everything', ruleJson({ match: { service: 'shop' } })],
  ])('%s', (complaint, rule) => {
    expect(complaintAbout(ruleSetJson(rule))).toContain(complaint);
  });

  test('two rules of one id', () => {
    const first = ruleJson({ match: { service: 'shop' } });
    expect(complaintAbout(ruleSetJson(first, ruleJson()))).toContain("rules[1].id: 'default' is used twice");
  });

  test('a rule that is never reached', () => {
    expect(complaintAbout(ruleSetJson(ruleJson({ id: 'first' }), ruleJson()))).toContain('rules[0].match: ');
  });

  test('forgetting ids before their repetition is late', () => {
    const json = {
      ...ruleSetJson(),
      limits: { graceMs: 10, dedupeWithinMs: 9, maxAheadMs: 0, minTime: '2000-01-01T00:00:00Z' },
    };
    expect(complaintAbout(json)).toContain('limits.dedupeWithinMs: must be at least graceMs');
  });
});

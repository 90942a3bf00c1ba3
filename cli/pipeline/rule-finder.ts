import type { Rule, RuleSet } from '../../topology/rules/rule.ts';

/** Looks rules up by their ids. */
export function ruleFinder({ rules }: Pick<RuleSet, 'rules'>): (ruleId: string) => Rule | undefined {
  const byId = new Map(rules.map((rule) => [rule.id, rule] as const));
  return (ruleId) => byId.get(ruleId);
}

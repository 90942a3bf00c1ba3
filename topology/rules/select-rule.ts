import type { Rule, RuleSet } from './rule.ts';

/** Finds the rule that decides about a service and component. */
export type RuleSelector = (service: string, component: string) => Rule;

/** Names come from outside: without a bound, made-up ones would fill the memory. */
const MAX_CACHED = 50_000;

/** A selector that remembers its answers, since it is asked once an event. */
export function createRuleSelector(ruleSet: RuleSet): RuleSelector {
  const byService = new Map<string, Map<string, Rule>>();
  let cached = 0;

  return (service, component) => {
    const known = byService.get(service)?.get(component);
    if (known !== undefined) return known;
    const rule = firstMatch(ruleSet.rules, service, component);
    if (cached >= MAX_CACHED) {
      byService.clear();
      cached = 0;
    }
    let byComponent = byService.get(service);
    if (byComponent === undefined) {
      byComponent = new Map<string, Rule>();
      byService.set(service, byComponent);
    }
    byComponent.set(component, rule);
    cached += 1;
    return rule;
  };
}

function firstMatch(rules: readonly Rule[], service: string, component: string): Rule {
  for (const rule of rules) {
    if (matches(rule.match.service, service) && matches(rule.match.component, component)) return rule;
  }
  throw new TypeError('a rule set without a catch-all: it was not made by parseRules');
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

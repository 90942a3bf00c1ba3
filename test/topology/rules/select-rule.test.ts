import { expect, test } from 'vitest';
import { parseRules } from '../../../topology/rules/parse-rules.ts';
import { createRuleSelector } from '../../../topology/rules/select-rule.ts';
import { ruleJson, ruleSetJson } from '../fixtures.ts';

const select = createRuleSelector(
  parseRules(
    ruleSetJson(
      ruleJson({ id: 'exact', match: { service: 'shop', component: 'cart' } }),
      ruleJson({ id: 'prefix', match: { service: 'shop', component: 'pay-*' } }),
      ruleJson({ id: 'service', match: { service: 'shop*' } }),
      ruleJson({ id: 'all' }),
    ),
  ),
);

test.each([
  ['shop', 'cart', 'exact'],
  ['shop', 'carts', 'service'],
  ['shop', 'pay-', 'prefix'],
  ['shop', 'pay-card', 'prefix'],
  ['shopping', 'pay-card', 'service'],
  ['sho', 'cart', 'all'],
])('%s/%s is decided by the first rule that matches: %s', (service, component, id) => {
  expect(select(service, component).id).toBe(id);
  expect(select(service, component)).toBe(select(service, component));
});

test('made-up names do not fill the memory', () => {
  for (let i = 0; i < 120_000; i++) select(`service-${i}`, 'x');
  expect(select('shop', 'cart').id).toBe('exact');
});

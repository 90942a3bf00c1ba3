import { expect, test } from 'vitest';
import type { OperatorCommand } from '../../../schemas/generated/OperatorCommand.ts';
import { invalidCommandReason } from '../../../topology/gate/validate-command.ts';
import { command } from '../fixtures.ts';

test('a sound command is accepted', () => {
  expect(invalidCommandReason(command())).toBeNull();
});

test.each<[string, Partial<OperatorCommand>]>([
  ['id is empty', { id: '' }],
  ['actor is empty', { actor: ' ' }],
  ['correlationKey is empty', { correlationKey: '' }],
  ['comment is empty', { action: 'COMMENT', comment: '  ' }],
  ['comment has 8193 characters', { comment: 'x'.repeat(8193) }],
])('%s', (reason, fields) => {
  expect(invalidCommandReason(command(fields))).toContain(reason);
});

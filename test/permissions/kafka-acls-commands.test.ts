import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kafkaAclsCommands } from '../../cli/permissions/kafka-acls-commands.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

function printed(...args: readonly string[]): string {
  return execFileSync(process.execPath, [CLI, 'permissions', ...args], { encoding: 'utf8' });
}

describe('incidents permissions', () => {
  test('puts what is allowed alike into one command', () => {
    const commands = kafkaAclsCommands('User:ann', [
      { resource: 'topic', name: 'a', pattern: 'literal', operations: ['Read', 'Describe'] },
      { resource: 'group', name: 'g-', pattern: 'prefixed', operations: ['Read'] },
      { resource: 'topic', name: 'b', pattern: 'literal', operations: ['Read', 'Describe'] },
    ]);
    expect(commands).toHaveLength(2);
    expect(commands[0]).toMatch(/--operation Read[^]*--operation Describe[^]*--topic 'a'[^]*--topic 'b'$/);
    expect(commands[1]).toMatch(/--resource-pattern-type prefixed[^]*--group 'g-'$/);
  });

  test('quotes the principal for the shell', () => {
    const [command] = kafkaAclsCommands("User:o'hara", [
      { resource: 'topic', name: 'a', pattern: 'literal', operations: ['Read'] },
    ]);
    expect(command).toContain(`--allow-principal 'User:o'\\''hara'`);
  });

  test('takes the names from the application id and the prefix', () => {
    const text = printed(
      '--role',
      'sinks',
      '--principal',
      'User:s',
      '--application-id',
      'app',
      '--topic-prefix',
      'x.',
    );
    expect(text).toContain("--topic 'x.incident.transitions'");
    expect(text).toContain("--group 'app-sink-'");
    expect(text).not.toContain('transactional-id');
  });

  test('prints JSON for programs', () => {
    const list = JSON.parse(printed('--role', 'topology', '--principal', 'User:t', '--json')) as unknown[];
    expect(list).toContainEqual({
      resource: 'transactional-id',
      name: 'incidents-',
      pattern: 'prefixed',
      operations: ['Write'],
    });
  });
});

import type { KafkaPermission } from './kafka-permissions.ts';

/**
 * The commands that allow the principal (`User:<name>`) what is listed, for Kafka's own tool: entries with the same
 * operations go into one command.
 */
export function kafkaAclsCommands(principal: string, permissions: readonly KafkaPermission[]): string[] {
  const groups = Map.groupBy(permissions, ({ operations, pattern }) => `${pattern} ${operations.join(' ')}`);
  return [...groups.values()].map((group) => {
    const [{ operations, pattern } = { operations: [], pattern: 'literal' }] = group;
    return [
      'kafka-acls.sh --bootstrap-server "$BROKER" --command-config "$ADMIN" --add --force',
      `--allow-principal ${quoted(principal)}`,
      ...operations.map((operation) => `--operation ${operation}`),
      `--resource-pattern-type ${pattern}`,
      ...group.map(({ resource, name }) => `--${resource} ${quoted(name)}`),
    ].join(' \\\n  ');
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

import { Option } from 'commander';
import type { Command } from 'commander';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { loadRules } from '../demo/demo-options.ts';
import { kafkaAclsCommands } from './kafka-acls-commands.ts';
import { kafkaPermissionsOf } from './kafka-permissions.ts';
import type { PermissionRole } from './kafka-permissions.ts';

interface Given {
  readonly role: PermissionRole;
  readonly principal: string;
  readonly applicationId: string;
  readonly topicPrefix: string;
  readonly rules?: string;
  readonly json?: boolean;
}

/** `incidents permissions`. */
export function addPermissionsCommand(program: Command): void {
  program
    .command('permissions')
    .description('print the least that a role needs of Kafka, as commands for kafka-acls.sh')
    .addOption(new Option('--role <role>').choices(['topology', 'sinks', 'api']).makeOptionMandatory())
    .requiredOption('--principal <principal>', 'who is allowed it, e.g. User:incidents-sinks')
    .option('--application-id <id>', 'as the pipeline is configured', 'incidents')
    .option('--topic-prefix <text>', 'as the pipeline is configured', '')
    .option('--rules <file>', 'rules in place of those that ship')
    .option('--json', 'as a JSON array instead')
    .action((given: Given) => {
      process.stdout.write(printedPermissions(given));
    });
}

function printedPermissions({ role, principal, rules, json, ...names }: Given): string {
  const { topology } = incidentTopology(loadRules(rules), createSerdes(new EmbeddedRegistry()));
  const permissions = kafkaPermissionsOf(role, { topology, ...names });
  return json === true
    ? `${JSON.stringify(permissions, undefined, 2)}\n`
    : `${kafkaAclsCommands(principal, permissions).join('\n')}\n`;
}

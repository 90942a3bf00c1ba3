import type { Command } from 'commander';
import { schemaSubjects } from '../run/schema-subjects.ts';
import { localSchemas } from './local-schemas.ts';
import { registryOfCommand } from './registry-of-command.ts';
import { checkSchemas, registerSchemas } from './schemas-command.ts';
import type { ExitCode, SchemasCommand } from './schemas-command.ts';

interface Given {
  readonly registry?: string;
  readonly schemas?: string;
  readonly topicPrefix: string;
}

/** `incidents schemas check` and `incidents schemas register`. */
export function addSchemasCommands(program: Command): void {
  const schemas = program.command('schemas').description('the schemas of this version and a schema registry');
  add(schemas, 'check', checkSchemas).description(
    'say which schemas could be registered; exits 1 where one is incompatible, 2 where the registry cannot be asked',
  );
  add(schemas, 'register', registerSchemas).description(
    'register them, unless one is incompatible; exits as check does',
  );
}

function add(parent: Command, name: string, run: (command: SchemasCommand) => Promise<ExitCode>): Command {
  return parent
    .command(name)
    .option('--registry <url>', 'the registry, http[s]://[user:password@]host (default: SCHEMA_REGISTRY_URL)')
    .option(
      '--schemas <folder>',
      'changed copies of the .avsc files, in place of the schemas of this version',
    )
    .option('--topic-prefix <text>', 'what the names of the topics begin with, and so the subjects', '')
    .action(async (given: Given) => {
      const registry = registryOfCommand(given.registry, process.env);
      const [schemas, subjects] = [localSchemas(given.schemas), schemaSubjects(given.topicPrefix)];
      const print = (text: string): void => void process.stdout.write(`${text}\n`);
      process.exitCode = await run({ registry, schemas, subjects, print });
    });
}

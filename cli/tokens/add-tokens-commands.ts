import { Option } from 'commander';
import type { Command } from 'commander';
import { ROLES, readTokenFile } from '../../connectors/http/index.ts';
import { createTokenIn, revokeTokenIn, tokenLines } from './tokens-commands.ts';
import type { NewToken } from './tokens-commands.ts';
import { tokenFileOf } from './token-file-of.ts';

interface Place {
  readonly config?: string;
  readonly file?: string;
}

/** `incidents tokens create`, `list` and `revoke`. */
export function addTokensCommands(program: Command): void {
  const tokens = program
    .command('tokens')
    .description('who may use the HTTP API; a running server notices changes');
  withPlace(tokens.command('create'))
    .description('make a token and print it, this once: only its hash is stored')
    .requiredOption('--name <name>', 'who it is for; stands in the history for what is done with it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--expires <when>', '90d, 12h, or a moment such as 2030-01-31 (default: never)')
    .action(({ name, role, expires, ...place }: NewToken & Place) => {
      print(createTokenIn(fileOf(place), { name, role, ...(expires === undefined ? {} : { expires }) }));
    });
  withPlace(tokens.command('list'))
    .description('name, role and times of each token')
    .action((place: Place) => {
      tokenLines(readTokenFile(fileOf(place)), Date.now()).forEach(print);
    });
  withPlace(tokens.command('revoke'))
    .description('let a token count no more')
    .argument('<name>', 'the name it was created with')
    .action((name: string, place: Place) => {
      revokeTokenIn(fileOf(place), name);
      print(`revoked ${name}`);
    });
}

function withPlace(command: Command): Command {
  return command
    .option('--file <path>', 'the file with the tokens (default: http.tokensFile)')
    .option('--config <file>', 'the configuration file of incidents run (default: INCIDENTS_CONFIG)');
}

function fileOf(place: Place): string {
  return tokenFileOf({ environment: process.env, ...place });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

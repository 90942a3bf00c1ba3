import { parseArgs } from 'node:util';
import { benchClickHouseSink } from './clickhouse-sink.ts';
import { benchEmbedded } from './embedded/bench-embedded.ts';
import { printTable } from './print-table.ts';
import { benchRedisSink } from './redis-sink.ts';
import { benchSchemas } from './schemas.ts';

/** Figures by name; the name says the unit. Names with `vs` are ratios: above 1 is faster than what follows it. */
type Figures = Readonly<Record<string, number>>;

const BENCHES: ReadonlyMap<string, () => Promise<Figures>> = new Map([
  ['embedded', benchEmbedded],
  ['schemas', benchSchemas],
  ['redis-sink', benchRedisSink],
  ['clickhouse-sink', async () => ({ ...(await benchClickHouseSink()) })],
]);

/** Benchmarks that run one after the other under one name. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['sinks', ['redis-sink', 'clickhouse-sink']],
]);

interface Command {
  readonly name: string;
  readonly json: boolean;
}

function parseCommand(args: readonly string[]): Command | undefined {
  try {
    const options = { json: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0 || !(BENCHES.has(name) || GROUPS.has(name))) return undefined;
    return { name, json: values.json };
  } catch {
    return undefined;
  }
}

async function run(name: string): Promise<Figures> {
  const figures = (await BENCHES.get(name)?.()) ?? {};
  printTable(name, figures);
  return figures;
}

async function runGroup(names: readonly string[]): Promise<Readonly<Record<string, Figures>>> {
  const figures: Record<string, Figures> = {};
  for (const name of names) figures[name] = await run(name);
  return figures;
}

const command = parseCommand(process.argv.slice(2));
if (command === undefined) {
  const names = [...BENCHES.keys(), ...GROUPS.keys()];
  process.stderr.write(`usage: npm run bench -- <${names.join(' | ')}> [--json]\n`);
  process.exitCode = 2;
} else {
  const group = GROUPS.get(command.name);
  const figures = group === undefined ? await run(command.name) : await runGroup(group);
  if (command.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

import { parseArgs } from 'node:util';
import { benchClickHouseSink } from './clickhouse-sink.ts';
import { benchEmbedded } from './embedded/bench-embedded.ts';
import { benchKafka } from './kafka/bench-kafka.ts';
import { KAFKA_OPTION_NAMES, kafkaBenchOptions } from './kafka/options.ts';
import { printTable } from './print-table.ts';
import type { Figures } from './print-table.ts';
import { benchRedisSink } from './redis-sink.ts';
import { benchSchemas } from './schemas.ts';

type Options = Readonly<Record<string, string | undefined>>;

interface Bench {
  /** Options besides `--json`, each with a value. */
  readonly options: readonly string[];
  /** Undefined when the options make no sense. */
  readonly prepare: (options: Options) => (() => Promise<Figures>) | undefined;
}

const BENCHES: ReadonlyMap<string, Bench> = new Map<string, Bench>([
  ['embedded', withoutOptions(benchEmbedded)],
  ['schemas', withoutOptions(benchSchemas)],
  [
    'kafka',
    {
      options: KAFKA_OPTION_NAMES,
      prepare: (given) => {
        const options = kafkaBenchOptions(given);
        return options === undefined ? undefined : () => benchKafka(options);
      },
    },
  ],
  ['redis-sink', withoutOptions(benchRedisSink)],
  ['clickhouse-sink', withoutOptions(benchClickHouseSink)],
]);

function withoutOptions(run: () => Promise<Figures>): Bench {
  return { options: [], prepare: () => run };
}

/** Benchmarks that run one after the other under one name. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['sinks', ['redis-sink', 'clickhouse-sink']],
]);

interface Command {
  readonly name: string;
  readonly json: boolean;
  readonly run: () => Promise<Figures | Readonly<Record<string, Figures>>>;
}

function parseCommand(args: readonly string[]): Command | undefined {
  const taken = [...BENCHES.values()].flatMap(({ options }) => options);
  const texts = Object.fromEntries(taken.map((name) => [name, { type: 'string' } as const]));
  try {
    const options = { json: { type: 'boolean', default: false }, ...texts } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) return undefined;
    const { json, ...given } = values as { json: boolean } & Record<string, string>;
    const run = prepare(name, given);
    return run === undefined ? undefined : { name, json, run };
  } catch {
    return undefined;
  }
}

function prepare(name: string, given: Options): Command['run'] | undefined {
  const group = GROUPS.get(name);
  if (group !== undefined) return Object.keys(given).length === 0 ? () => runGroup(group) : undefined;
  const bench = BENCHES.get(name);
  if (Object.keys(given).some((option) => !bench?.options.includes(option))) return undefined;
  const measure = bench?.prepare(given);
  return measure === undefined ? undefined : () => runOne(name, measure);
}

async function runOne(name: string, measure: () => Promise<Figures>): Promise<Figures> {
  const figures = await measure();
  printTable(name, figures);
  return figures;
}

async function runGroup(names: readonly string[]): Promise<Readonly<Record<string, Figures>>> {
  const figures: Record<string, Figures> = {};
  for (const name of names) {
    const measure = BENCHES.get(name)?.prepare({});
    if (measure !== undefined) figures[name] = await runOne(name, measure);
  }
  return figures;
}

const command = parseCommand(process.argv.slice(2));
if (command === undefined) {
  const names = [...BENCHES.keys(), ...GROUPS.keys()];
  process.stderr.write(`usage: npm run bench -- <${names.join(' | ')}> [--json]\n`);
  for (const [name, { options }] of BENCHES) {
    if (options.length > 0) process.stderr.write(`  ${name}: [--${options.join(' …] [--')} …]\n`);
  }
  process.exitCode = 2;
} else {
  const figures = await command.run();
  if (command.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

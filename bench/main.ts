import { parseArgs } from 'node:util';
import { benchEmbedded } from './embedded/bench-embedded.ts';
import { printTable } from './print-table.ts';
import { benchSchemas } from './schemas.ts';

/** A benchmark returns its figures by name; the name says the unit. */
type Bench = () => Promise<Readonly<Record<string, number>>>;

const BENCHES: Readonly<Record<string, Bench>> = {
  embedded: benchEmbedded,
  schemas: benchSchemas,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name] = positionals;
const bench = name === undefined ? undefined : BENCHES[name];
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- <${Object.keys(BENCHES).join(' | ')}> [--json]\n`);
  process.exitCode = 2;
} else {
  const figures = await bench();
  printTable(name ?? '', figures);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

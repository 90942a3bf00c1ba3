import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate, staleFiles } from './generate.ts';

/**
 * `npm run schemas` writes schemas/generated/ anew from schemas/*.avsc; `npm run schemas -- --check` writes nothing
 * and exits 1 when the folder is not what it would write.
 */
const schemaFolder = join(import.meta.dirname, '..');
const generatedFolder = join(schemaFolder, 'generated');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

mkdirSync(generatedFolder, { recursive: true });
const wanted = generate(schemaFolder);
const stale = staleFiles(wanted, generatedFolder);

if (values.check) {
  if (stale.length > 0) {
    process.stderr.write(`Not up to date: ${stale.join(', ')}. Run \`npm run schemas\`.\n`);
    process.exitCode = 1;
  }
} else {
  for (const name of stale) rmSync(join(generatedFolder, name), { force: true });
  for (const name of stale) {
    const text = wanted.get(name);
    if (text !== undefined) writeFileSync(join(generatedFolder, name), text);
  }
  process.stdout.write(stale.length === 0 ? 'Up to date.\n' : `Wrote ${stale.join(', ')}.\n`);
}

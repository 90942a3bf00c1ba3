/*
 * Prints every alert, and goes on where it stopped when it is started again.
 *
 *   node examples/alerts/subscribe.ts [redis://127.0.0.1:6379] [file for the position]
 */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { handleAlerts } from '../../connectors/redis/index.ts';

const [url = 'redis://127.0.0.1:6379', file = 'alerts.position'] = process.argv.slice(2);
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ending.abort());

await handleAlerts({
  url,
  first: 'beginning',
  signal: ending.signal,
  positions: {
    load: async () => (existsSync(file) ? await readFile(file, 'utf8') : undefined),
    save: async (position) => {
      await writeFile(`${file}.new`, position);
      await rename(`${file}.new`, file);
    },
  },
  // Resolved when the line is out: then the position is saved.
  handle: ({ id, severity, type, summary }) =>
    new Promise((resolve) => {
      process.stdout.write(`${severity} ${type} ${id} ${summary}\n`, () => resolve());
    }),
  onStatus: (status) => process.stderr.write(`${JSON.stringify(status)}\n`),
});

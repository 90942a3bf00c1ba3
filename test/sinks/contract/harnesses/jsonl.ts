import { mkdtemp, readFile, readdir, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJsonlSink } from '../../../../examples/jsonl-sink.ts';
import type { SinkHarness } from '../sink-harness.ts';

/** The example of docs/guide/write-a-sink.md, in a directory. */
export const jsonlHarness: SinkHarness<string, { n: number; text: string }> = {
  topic: 'orders',
  marks: true,
  can: { tell: false, goAway: true, crash: true, lose: true },
  record: (n) => ({ key: `k${n % 3}`, value: { n, text: `„${n}“ {"mark":${n}}\n` } }),
  async start() {
    const parent = await mkdtemp(join(tmpdir(), 'jsonl-sink-'));
    const directory = join(parent, 'files');
    const aside = join(parent, 'aside');
    const files = () => readdir(directory).catch(() => []);
    return {
      connector: () => createJsonlSink(directory),
      async content({ topic, topicEpoch, partitions }) {
        const names = Array.from({ length: partitions }, (_, i) => `${topic}-${topicEpoch}-${i}.jsonl`);
        return Promise.all(names.map((name) => linesOf(join(directory, name))));
      },
      /** Something else is in its place; a file cannot hang. */
      async goAway() {
        await rename(directory, aside).catch(() => undefined);
        await writeFile(directory, 'not a directory');
      },
      async comeBack() {
        await rm(directory);
        await rename(aside, directory).catch(() => undefined);
      },
      /** Half a batch reaches the disk. */
      async crash() {
        for (const name of await files()) {
          const path = join(directory, name);
          const half = `${JSON.stringify({ offset: 99, value: { n: 99 } })}\n{"offset":100,"va`;
          await writeFile(path, half, { flag: 'a' });
        }
      },
      async lose() {
        const [first, ...others] = await files();
        if (first !== undefined) await truncate(join(directory, first), 0);
        for (const name of others) await unlink(join(directory, name));
      },
      [Symbol.asyncDispose]: () => rm(parent, { recursive: true }),
    };
  },
};

/** The records before the last mark: what follows it does not count (yet). */
async function linesOf(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n');
  const end = lines.findLastIndex((line) => isMark(line));
  return lines
    .slice(0, Math.max(end, 0))
    .filter((line) => !isMark(line))
    .map((line) => JSON.parse(line) as unknown);
}

function isMark(line: string): boolean {
  return line.startsWith('{"mark":');
}

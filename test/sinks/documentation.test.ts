import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamsBuilder, describeAsText, stringSerde } from '@incident-streams/streams';
import { describe, expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Code without the depth at which it stands. */
function flat(code: string): string {
  return code
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

describe('docs/guide/write-a-sink.md', () => {
  const blocks = [...read('docs/guide/write-a-sink.md').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) =>
    flat(code ?? '').trim(),
  );
  const sources = [
    'examples/jsonl-sink.ts',
    'examples/archive-orders.ts',
    'test/sinks/documentation.test.ts',
  ];

  test.each(blocks.map((code) => [code.split('\n')[0] ?? '', code]))(
    'shows code that is run: %s',
    (_, code) => {
      expect(sources.filter((path) => flat(read(path)).includes(code))).toHaveLength(1);
    },
  );

  test('shows every part of the sink', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6);
  });

  test('declares a table in a way that works', () => {
    const builder = new StreamsBuilder();
    const serdes = { key: stringSerde, value: stringSerde };
    const changes = builder.stream('changes', serdes);
    const table = changes.to('orders-by-id', serdes);
    changes.to('order-changes', serdes).toSink('mirror', { snapshot: table });
    expect(describeAsText(builder.build())).toContain(
      'Sink: mirror (topic: order-changes, snapshot: orders-by-id)',
    );
  });

  test('promises what the example does: the archive goes on, and comes back when it is deleted', () => {
    const directory = mkdtempSync(join(tmpdir(), 'archive-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const archive = join(directory, 'archive');
    const run = (): string =>
      execFileSync(process.execPath, [join(ROOT, 'examples', 'archive-orders.ts'), directory], {
        encoding: 'utf8',
      });
    const archived = (): unknown[] =>
      readdirSync(archive)
        .flatMap((name) => readFileSync(join(archive, name), 'utf8').trimEnd().split('\n'))
        .map((line) => JSON.parse(line) as { offset?: number; value?: { amount: number } })
        .filter(({ offset }) => offset !== undefined)
        .map(({ offset, value }) => `${offset}: ${value?.amount}`);

    expect(run()).toMatch(/^archive: 0 behind, see .*\n$/);
    expect(archived()).toEqual(['0: 120', '1: 300']);
    run();
    expect(archived()).toEqual(['0: 120', '1: 300', '2: 120', '3: 300']);
    rmSync(archive, { recursive: true });
    run();
    expect(archived()).toEqual(['0: 120', '1: 300', '2: 120', '3: 300', '4: 120', '5: 300']);
  });
});

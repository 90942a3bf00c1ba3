import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SinkBatch } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { SinkLife } from './sink-life.ts';

type Batch = SinkBatch<string, string>;

async function live(life: SinkLife): Promise<NodeJS.Signals | null> {
  const program = join(import.meta.dirname, 'sink-life.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(life)], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process ended with ${code ?? signal}`);
  return signal;
}

/** Batches that came twice in a row count once; anything else that comes again stays, and fails the test. */
function withoutRepetitions(batches: readonly Batch[]): Batch[] {
  const last = new Map<number, string>();
  return batches.filter((batch) => {
    const written = JSON.stringify(batch);
    const repeated = last.get(batch.partition) === written;
    last.set(batch.partition, written);
    return !repeated;
  });
}

describe('a sink in a process that is killed between the taking of a batch and its acknowledgement', () => {
  it('gets the same batch again, record for record, and every other one once', async () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, 'batches.jsonl');
    const life = { directory: join(directory.path, 'data'), file };
    for (const killAt of [
      { moment: 'after', time: 1 },
      { moment: 'before', time: 1 },
      { moment: 'after', time: 4 },
      { moment: 'before', time: 3 },
      { moment: 'after', time: 1 },
    ] as const)
      expect(await live({ ...life, killAt })).toBe('SIGKILL');
    expect(await live(life)).toBeNull();

    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const batches = lines.map((line) => JSON.parse(line) as Batch);
    const once = withoutRepetitions(batches);
    // Three lives ended after the batch was in the file.
    expect(batches.length - once.length).toBe(3);
    for (const partition of [0, 1]) {
      const records = once.filter((batch) => batch.partition === partition).flatMap((batch) => batch.records);
      expect(records.length).toBeGreaterThan(0);
      expect(records.map((record) => record.offset)).toEqual(records.map((_, i) => i));
    }
    const values = once.flatMap((batch) => batch.records.map((record) => Number(record.value)));
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SinkBatch } from '@incident-streams/streams';
import { expect, it } from 'vitest';
import { describeWith } from '../../../services/describe-with.ts';
import { offsetsUpTo, recordsFor } from '../../sinks/sink-cases.ts';
import { temporaryDirectory } from '../../temporary-directory.ts';
import type { KafkaSinkLife } from './kafka-sink-life.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

async function live(life: KafkaSinkLife): Promise<NodeJS.Signals | null> {
  const program = join(import.meta.dirname, 'kafka-sink-life.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(life)], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process ended with ${code ?? signal}`);
  return signal;
}

await describeWith(
  ['kafka'],
  'a worker that is killed between a write and its acknowledgement',
  ({ kafka }) => {
    it(
      'is followed by one that writes the same batch again, however much has come since, and the others once',
      { timeout: 180_000 },
      async () => {
        using directory = temporaryDirectory();
        await using place = await KafkaSinkPlace.make(kafka, 2);
        const file = join(directory.path, 'batches.jsonl');
        const life = { brokers: kafka, applicationId: place.applicationId, file };
        const kills = [
          { moment: 'after', time: 1 },
          { moment: 'before', time: 1 },
          { moment: 'after', time: 4 },
          { moment: 'before', time: 3 },
        ] as const;
        // Batches are cut short by what has not come yet: 7, and then 10 at a time.
        for (const killAt of kills) {
          await place.produce(recordsFor(2, 7));
          expect(await live({ ...life, killAt })).toBe('SIGKILL');
        }
        await place.produce(recordsFor(2, 7));
        expect(await live(life)).toBeNull();

        const lines = readFileSync(file, 'utf8').trim().split('\n');
        const batches = lines.map((line) => JSON.parse(line) as SinkBatch<string, string>);
        for (const partition of [0, 1]) {
          const written = batches.filter((batch) => batch.partition === partition);
          const once = written.filter((batch, i) => JSON.stringify(batch) !== JSON.stringify(written[i - 1]));
          const offsets = once.flatMap((batch) => batch.records.map(({ offset }) => offset));
          expect(offsets).toEqual(offsetsUpTo(35));
        }
        const distinct = new Set(batches.map((batch) => JSON.stringify(batch)));
        expect(batches.length - distinct.size, 'batches that came twice').toBeGreaterThanOrEqual(2);
      },
    );
  },
);

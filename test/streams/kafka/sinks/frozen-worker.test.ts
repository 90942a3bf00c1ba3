import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SinkBatch } from '@incident-streams/streams';
import { expect, it } from 'vitest';
import { describeWith } from '../../../services/describe-with.ts';
import { eventually } from '../../eventually.ts';
import { RecordingSink } from '../../sinks/recording-sink.ts';
import { offsetsUpTo, recordsFor } from '../../sinks/sink-cases.ts';
import { temporaryDirectory } from '../../temporary-directory.ts';
import type { KafkaSinkLife } from './kafka-sink-life.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

await describeWith(['kafka'], 'a worker that is frozen for longer than its session', ({ kafka }) => {
  it('writes nothing but what its successor has written too, and takes nothing back', async () => {
    using directory = temporaryDirectory();
    await using place = await KafkaSinkPlace.make(kafka, 1);
    const file = join(directory.path, 'batches.jsonl');
    const life: KafkaSinkLife = {
      brokers: kafka,
      applicationId: place.applicationId,
      file,
      killAt: { moment: 'freeze', time: 2 },
    };
    await place.produce(recordsFor(1, 17));
    const program = join(import.meta.dirname, 'kafka-sink-life.ts');
    const child = spawn(process.execPath, [program, JSON.stringify(life)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    try {
      await once(child.stdout, 'data');
      await place.produce(recordsFor(1, 20));
      const successor = new RecordingSink();
      await place.run(successor, async (sinks) => {
        await eventually(() => expect(successor.offsetsOf(0)).toEqual(offsetsUpTo(37, 10)));
        await sinks.whenCaughtUp();
        child.kill('SIGCONT');
        expect(await ended).toEqual([0, null]);
      });
      const written = readFileSync(file, 'utf8').trim().split('\n');
      const batches = written.map((line) => JSON.parse(line) as SinkBatch<string, string>);
      expect(batches.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset])).toEqual([
        [0, 9],
        [10, 16],
      ]);
      expect(written[1]).toBe(JSON.stringify(successor.batches[0]));
    } finally {
      child.kill('SIGKILL');
    }
    const later = new RecordingSink();
    await place.run(later, (sinks) => sinks.whenCaughtUp());
    expect(later.batches).toEqual([]);
  });
});

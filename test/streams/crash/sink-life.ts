import { appendFileSync } from 'node:fs';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { textRecord } from '../stream-case.ts';
import { copyingToSink } from '../sinks/recording-sink.ts';

/*
 * One life of a process that feeds a sink, `node sink-life.ts <json>`: the sink appends each batch that it gets to a
 * file. The process kills itself at its n-th batch, before or after that is in the file.
 */
export interface SinkLife {
  readonly directory: string;
  readonly file: string;
  readonly killAt?: { readonly moment: 'before' | 'after'; readonly time: number };
}

const life = JSON.parse(process.argv[2] ?? '{}') as SinkLife;
let writesLeft = life.killAt?.time ?? 0;

class FileSink implements SinkConnector<string, string> {
  open(): Promise<void> {
    return Promise.resolve();
  }

  appliedOffset(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  write(batch: SinkBatch<string, string>): Promise<void> {
    const dying = --writesLeft === 0;
    if (dying && life.killAt?.moment === 'before') process.kill(process.pid, 'SIGKILL');
    appendFileSync(life.file, `${JSON.stringify(batch)}\n`);
    if (dying) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const runtime = EmbeddedRuntime.open({
  topology: copyingToSink(),
  directory: life.directory,
  partitions: 2,
  sinks: { sink: new FileSink() },
});
runtime.start();
for (let next = runtime.producerPosition('generator') ?? 0; next < 200; next += 10) {
  const records = Array.from({ length: 10 }, (_, i) =>
    textRecord('in', `k${(next + i) % 7}`, String(next + i), next),
  );
  runtime.produce(records, { producer: 'generator', value: next + 10 });
  await runtime.whenProcessed();
}
await runtime.whenSinksCaughtUp();
await runtime.close();

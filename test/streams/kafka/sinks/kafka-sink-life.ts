import { appendFileSync, writeSync } from 'node:fs';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import { KafkaSinks } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../../connectors/kafka/index.ts';
import { copyingToSink } from '../../sinks/recording-sink.ts';

/*
 * One life of a process that feeds a sink from a cluster, `node kafka-sink-life.ts <json>`: the sink appends each batch
 * that it gets to a file. The process kills itself at its n-th batch, before or after that is in the file, or freezes
 * before it is; it says `freezing` then.
 */
export interface KafkaSinkLife {
  readonly brokers: string;
  readonly applicationId: string;
  readonly file: string;
  readonly killAt?: { readonly moment: 'before' | 'after' | 'freeze'; readonly time: number };
}

const life = JSON.parse(process.argv[2] ?? '{}') as KafkaSinkLife;
let writesLeft = life.killAt?.time ?? 0;

class FileSink implements SinkConnector<string, string> {
  readonly maxBatchRecords = 10;

  open(): Promise<void> {
    return Promise.resolve();
  }

  appliedOffset(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  write(batch: SinkBatch<string, string>): Promise<void> {
    const dying = --writesLeft === 0;
    if (dying && life.killAt?.moment === 'before') process.kill(process.pid, 'SIGKILL');
    if (dying && life.killAt?.moment === 'freeze') {
      writeSync(1, 'freezing\n');
      process.kill(process.pid, 'SIGSTOP');
    }
    appendFileSync(life.file, `${JSON.stringify(batch)}\n`);
    if (dying && life.killAt?.moment === 'after') process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const cluster = connectKafka({ brokers: [life.brokers], clientId: 'sink-life' });
const sinks = new KafkaSinks({
  topology: copyingToSink(),
  cluster,
  applicationId: life.applicationId,
  topicPrefix: `${life.applicationId}.`,
  sinks: { sink: new FileSink() },
  sessionTimeoutMs: 1_500,
  heartbeatIntervalMs: 200,
});
sinks.start();
await sinks.whenCaughtUp();
await sinks.close();
await cluster.close();

import type { EmbeddedRuntime, EmbeddedRuntimeOptions } from '@incident-streams/streams/embedded';
import { openRuntime, withRuntime } from '../embedded/open-runtime.ts';
import { textRecord } from '../stream-case.ts';
import { copyingToSink } from './recording-sink.ts';
import type { RecordingSink } from './recording-sink.ts';

type Options = Partial<EmbeddedRuntimeOptions> & Pick<EmbeddedRuntimeOptions, 'directory'>;

export function openWithSink(sink: RecordingSink, options: Options): EmbeddedRuntime {
  return openRuntime({ topology: copyingToSink(), sinks: { sink }, ...options });
}

/** A runtime that has been started, with one sink, for the length of a callback. */
export async function withSink<T>(
  sink: RecordingSink,
  options: Options,
  use: (runtime: EmbeddedRuntime) => T | Promise<T>,
): Promise<T> {
  return withRuntime({ topology: copyingToSink(), sinks: { sink }, ...options }, (runtime) => {
    runtime.start();
    return use(runtime);
  });
}

/** Records with the given values, one key. */
export function produceValues(runtime: EmbeddedRuntime, ...values: string[]): void {
  runtime.produce(values.map((value) => textRecord('in', 'k', value, 1)));
}

/** Produces so many records, and waits until they are in the topic that feeds the sink. */
export async function produceMany(runtime: EmbeddedRuntime, count: number): Promise<void> {
  runtime.produce(Array.from({ length: count }, (_, i) => textRecord('in', `k${i}`, `v${i}`, i)));
  await runtime.whenProcessed();
}

import { StreamsBuilder } from '@incident-streams/streams';
import type { SinkSnapshot, Topology } from '@incident-streams/streams';
import { text } from '../embedded/open-runtime.ts';
import { RecordingSink } from './recording-sink.ts';

/** The sink named `sink` is fed from `out` and restored from `table`. */
export function restorable(): Topology {
  const builder = new StreamsBuilder();
  const input = builder.stream('in', text);
  input.to('out', text).toSink('sink', { snapshot: input.to('table', text) });
  return builder.build();
}

/** A recording sink that keeps marks and wants snapshots. */
export class RestorableSink extends RecordingSink {
  override unmarked = -1;
  beforeSnapshot: () => void | Promise<void> = () => undefined;

  async writeSnapshot({ partition, upToOffset, entries }: SinkSnapshot<string, string>): Promise<void> {
    const shown = entries.map(({ key, value }) => `${key}=${value}`).sort();
    this.calls.push(`snapshot ${partition}: up to ${upToOffset} (${shown.join(', ')})`);
    await this.beforeSnapshot();
  }

  /** Everything is gone, as after FLUSHALL. */
  forget(): void {
    this.calls.length = 0;
    this.batches.length = 0;
    this.marks.clear();
  }
}

import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { temporaryDirectory } from '../temporary-directory.ts';
import { copyingToSink } from './recording-sink.ts';
import type { SinkHost } from './sink-host.ts';

export const embeddedSinkHost: SinkHost = {
  name: 'embedded',
  place: (partitions, topology = copyingToSink()) => {
    const directory = temporaryDirectory();
    const options = { topology, directory: directory.path, partitions };
    return Promise.resolve({
      async produce(records) {
        const runtime = EmbeddedRuntime.open(options);
        runtime.produce(records);
        await runtime.close();
      },
      async run(connector, use, { others = {}, ...more } = {}) {
        const runtime = EmbeddedRuntime.open({ ...options, ...more, sinks: { sink: connector, ...others } });
        runtime.start();
        try {
          await use({
            produce: (records) => Promise.resolve(void runtime.produce(records)),
            status: () => runtime.sinkStatus(),
            whenCaughtUp: () => runtime.whenSinksCaughtUp(),
          });
        } finally {
          await runtime.close();
        }
      },
      [Symbol.asyncDispose]: () => Promise.resolve(directory[Symbol.dispose]()),
    });
  },
};

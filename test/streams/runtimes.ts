import type { Topology } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { topicsOf } from '../../streams/graph/topology.ts';
import type { Outcome } from './outcome.ts';
import { showRecord } from './show-record.ts';
import type { DeclaredCase, InputRecord, StoreDump, StreamCase } from './stream-case.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Runnable = Pick<StreamCase, 'declare' | 'input' | 'partitions'>;

/** A way to run a case. */
export interface RuntimeUnderTest {
  readonly name: string;
  run(streamCase: Runnable): Promise<Outcome>;
}

/** Every runtime that must give the same answer to the same case. */
export const runtimes: readonly RuntimeUnderTest[] = [
  { name: 'test driver', run: (streamCase) => Promise.resolve(runInTestDriver(streamCase)) },
  { name: 'embedded, all input at once', run: (streamCase) => runEmbedded(streamCase, [streamCase.input]) },
  {
    name: 'embedded, record by record',
    run: (streamCase) =>
      runEmbedded(
        streamCase,
        streamCase.input.map((record) => [record]),
      ),
  },
  {
    name: 'embedded, reopened after every record',
    run: (streamCase) =>
      runEmbedded(
        streamCase,
        streamCase.input.map((record) => [record]),
        { reopen: () => true },
      ),
  },
];

export function runInTestDriver({ declare, input, partitions = 1 }: Runnable): Outcome {
  const { topology, stores = [] } = declare();
  const driver = new TopologyTestDriver(topology, { partitions });
  for (const record of input) driver.pipeBytes(record);
  return {
    topics: showTopics(topology, (topic) => driver.bytesOf(topic)),
    counters: driver.counters(),
    stores: showStores(stores, (builder) => driver.stores(builder)),
  };
}

/** Produces the input in the given portions, waiting after each; may close and open the runtime between them. */
export async function runEmbedded(
  { declare, partitions = 1 }: Runnable,
  portions: readonly (readonly InputRecord[])[],
  options: { readonly reopen?: (portion: number) => boolean } = {},
): Promise<Outcome> {
  using directory = temporaryDirectory();
  const open = (): { declared: DeclaredCase; runtime: EmbeddedRuntime } => {
    const declared = declare();
    return {
      declared,
      runtime: EmbeddedRuntime.open({
        topology: declared.topology,
        directory: directory.path,
        partitions,
      }),
    };
  };
  let { declared, runtime } = open();
  try {
    for (const [portion, records] of portions.entries()) {
      runtime.produce(records);
      runtime.start();
      await runtime.whenProcessed();
      if (options.reopen?.(portion) !== true) continue;
      await runtime.close();
      ({ declared, runtime } = open());
    }
    return outcomeOfEmbedded(runtime, declared);
  } finally {
    await runtime.close();
  }
}

export function outcomeOfEmbedded(runtime: EmbeddedRuntime, declared: DeclaredCase): Outcome {
  const allOf = (topic: string) =>
    Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) => [
      ...runtime.records(topic, partition),
    ]).flat();
  return {
    topics: showTopics(declared.topology, allOf),
    counters: runtime.counters(),
    stores: showStores(declared.stores ?? [], (builder) => runtime.stores(builder)),
  };
}

function showTopics(
  topology: Topology,
  recordsOf: (topic: string) => readonly Parameters<typeof showRecord>[0][],
): Record<string, string[]> {
  return Object.fromEntries(topicsOf(topology).map((topic) => [topic, recordsOf(topic).map(showRecord)]));
}

function showStores(
  stores: readonly StoreDump[],
  access: Parameters<StoreDump['dump']>[0],
): Record<string, string[]> {
  return Object.fromEntries(stores.map(({ name, dump }) => [name, dump(access)]));
}

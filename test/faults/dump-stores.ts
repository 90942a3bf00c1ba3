import type { StateStore, StoreBuilder } from '@incident-streams/streams';
import type { WorkerDump } from './check.ts';
import type { FaultTopology } from './fault-topology.ts';

/** How a runtime hands out its stores. */
export type StoreAccess = <S extends StateStore>(builder: StoreBuilder<S>) => readonly S[];

/** Every entry of the topology's stores; a window's key is written as `key@start`. */
export function dumpStores(declared: FaultTopology, stores: StoreAccess): WorkerDump['stores'] {
  return {
    windows: stores(declared.windows).flatMap((store) =>
      Array.from(
        store.startedBefore(Number.MAX_SAFE_INTEGER),
        ({ key, windowStartMs, value }) => [`${key}@${windowStartMs}`, value] as const,
      ),
    ),
    keys: stores(declared.keys).flatMap((store) => [...store.entries()]),
    regions: stores(declared.regions).flatMap((store) => [...store.entries()]),
  };
}

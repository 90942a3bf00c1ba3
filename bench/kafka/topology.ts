import { StreamsBuilder, stringSerde, tumblingWindows } from '@incident-streams/streams';
import type { Serde, StoreRecovery, Topology } from '@incident-streams/streams';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { countAndSumSerde } from './count-and-sum.ts';
import type { CountAndSum } from './count-and-sum.ts';

export interface KafkaBenchTopologyOptions {
  readonly input: string;
  readonly output: string;
  readonly value: Serde<IncidentEvent>;
  /** How the ids that have been seen are got back where they are lost. */
  readonly recovery: StoreRecovery;
  readonly onRecord: () => void;
}

/** De-duplication within ten minutes, then count and sum in windows of one minute, by key. The peer's is the same. */
export function kafkaBenchTopology(options: KafkaBenchTopologyOptions): Topology {
  const { input, output, value, recovery, onRecord } = options;
  const builder = new StreamsBuilder();
  const idOf = (_key: string, event: IncidentEvent): string => {
    onRecord();
    return `${event.source} ${event.id}`;
  };
  builder
    .stream(input, { key: stringSerde, value })
    .dedupe({ id: idOf, withinMs: 600_000, recovery })
    .groupByKey({ key: stringSerde, value })
    .windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 30_000 }), { emit: 'on-commit' })
    .aggregate<CountAndSum>(
      () => ({ count: 0, sum: 0 }),
      (_key, event, total) => ({ count: total.count + 1, sum: total.sum + (event.value ?? 0) }),
      { aggregate: countAndSumSerde },
    )
    .toStream()
    .map((window, total) => [`${window.key}@${window.startMs}`, total])
    .to(output, { key: stringSerde, value: countAndSumSerde });
  return builder.build();
}

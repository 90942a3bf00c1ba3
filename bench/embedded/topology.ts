import { StreamsBuilder, jsonSerde, stringSerde, tumblingWindows } from '@incident-streams/streams';
import type { Serde, Topology } from '@incident-streams/streams';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

interface CountAndLast {
  count: number;
  lastTime: number;
}

/** De-duplication and a one-minute tumbling count with its last event's time. */
export function benchTopology(value: Serde<IncidentEvent>): Topology {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead-letters' });
  builder
    .stream('events', { key: stringSerde, value })
    .dedupe({ id: (_key, event) => `${event.source} ${event.id}`, withinMs: 600_000 })
    .groupByKey({ key: stringSerde, value })
    .windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 30_000 }), { emit: 'on-window-close' })
    .aggregate<CountAndLast>(
      () => ({ count: 0, lastTime: 0 }),
      (_key, event, sum) => ({ count: sum.count + 1, lastTime: Math.max(sum.lastTime, event.time) }),
      { aggregate: jsonSerde<CountAndLast>() },
    )
    .toStream()
    .map((window, sum) => [`${window.key}@${window.startMs}`, sum])
    .to('windows', { key: stringSerde, value: jsonSerde<CountAndLast>() });
  return builder.build();
}

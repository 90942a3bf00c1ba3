import {
  StreamsBuilder,
  describeAsMermaid,
  describeAsText,
  doubleSerde,
  keyValueStore,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import type { Serde, Topology, Windowed } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { text } from '../embedded/open-runtime.ts';

const windowSerde: Serde<Windowed<string>> = {
  serialize: ({ key, startMs }) => Buffer.from(`${key}@${startMs}`),
  deserialize: () => ({ key: '', startMs: 0, endMs: 0 }),
};

function sample(): Topology {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  const memory = keyValueStore({ name: 'memory', key: stringSerde, value: doubleSerde });
  const { large, small } = builder
    .stream('in', { ...text, name: 'input' })
    .process<string, string>(() => ({ process: () => undefined }), { name: 'look', stores: [memory] })
    .split(
      [
        { name: 'large', when: () => true },
        { name: 'small', when: () => true },
      ],
      { name: 'size' },
    );
  small.to('small', { ...text, name: 'small-output' });
  large
    .groupByKey({ ...text, name: 'by-size' })
    .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 }))
    .count({ name: 'windows' })
    .toStream()
    .to('out', { key: windowSerde, value: doubleSerde, name: 'output' })
    .toSink('archive');
  return builder.build();
}

/** A sink with a snapshot, and one of the dead letters. */
function withSnapshot(): Topology {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  const changes = builder.stream('in', { ...text, name: 'input' });
  const table = changes.to('table', { ...text, name: 'to-table' });
  changes.to('log', { ...text, name: 'to-log' }).toSink('mirror', { snapshot: table });
  builder.deadLetters().toSink('graveyard');
  return builder.build();
}

describe('a description', () => {
  it('as text names topics, processors, stores, sinks and what follows what', () => {
    expect(describeAsText(sample())).toBe(`Topologies:
  Sub-topology: 0
    Source: input (topics: [in])
      --> look
    Processor: look (stores: [memory])
      --> size
      <-- input
    Processor: size (stores: [])
      --> size-large, size-small
      <-- look
    Processor: size-large (stores: [])
      --> by-size-repartition-output
      <-- size
    Processor: size-small (stores: [])
      --> small-output
      <-- size
    Sink: small-output (topic: small)
      --> none
      <-- size-small
    Sink: by-size-repartition-output (topic: by-size-repartition)
      --> none
      <-- size-large
  Sub-topology: 1
    Source: by-size-repartition-source (topics: [by-size-repartition])
      --> windows
    Processor: windows (stores: [windows])
      --> output
      <-- by-size-repartition-source
    Sink: output (topic: out)
      --> none
      <-- windows
  Sink: archive (topic: out)
  Dead letters: dead
`);
  });

  it('as a Mermaid chart draws topics and stores as cylinders, and sinks behind their topics', () => {
    expect(describeAsMermaid(sample())).toBe(`flowchart LR
  subgraph sub0["sub-topology 0"]
    n0["look"]
    n1["size"]
    n2["size-large"]
    n3["size-small"]
    n4[("memory")]
  end
  n5[("in")] --> n0
  n0 --> n1
  n0 -.- n4
  n1 --> n2
  n1 --> n3
  n2 --> n6[("by-size-repartition")]
  n3 --> n7[("small")]
  subgraph sub1["sub-topology 1"]
    n8["windows"]
    n9[("windows")]
  end
  n6 --> n8
  n8 --> n10[("out")]
  n8 -.- n9
  n10 --> n11(["archive"])
`);
  });

  it('shows what a sink is restored from, and that the dead letters have a sink', () => {
    expect(describeAsText(withSnapshot())).toContain(`
  Sink: mirror (topic: log, snapshot: table)
  Sink: graveyard (topic: dead)
  Dead letters: dead
`);
    expect(describeAsMermaid(withSnapshot())).toContain(`
  n0[("in")] --> n1[("table")]
  n0 --> n2[("log")]
  n2 --> n3(["mirror"])
  n1 -. snapshot .-> n3
  n4[("dead")] --> n5(["graveyard"])
`);
  });
});

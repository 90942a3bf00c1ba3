import { StreamsBuilder, doubleSerde, keyValueStore, stringSerde } from '@incident-streams/streams';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { describe, expect, it } from 'vitest';
import { text } from '../embedded/open-runtime.ts';

const store = keyValueStore({ name: 'shared', key: stringSerde, value: doubleSerde });
const idle = () => ({ process: () => undefined });

/** The sources of each sub-topology. */
function sourcesOf(declare: (builder: StreamsBuilder) => void): string[][] {
  const builder = new StreamsBuilder();
  declare(builder);
  return builder
    .build()
    .subTopologies.map(({ nodes }) => nodes.flatMap((node) => (node.kind === 'source' ? [node.topic] : [])));
}

describe('sub-topologies', () => {
  it('are apart where nothing connects them, numbered in the order of declaration', () => {
    expect(
      sourcesOf((builder) => {
        builder.stream('a', text).to('x', text);
        builder.stream('b', text).to('x', text);
      }),
    ).toEqual([['a'], ['b']]);
  });

  it('are one where streams meet or share a store', () => {
    expect(
      sourcesOf((builder) => {
        const [a, b, c] = ['a', 'b', 'c'].map((topic) => builder.stream(topic, text));
        const d = builder.stream('d', text);
        if (a === undefined || b === undefined || c === undefined) return;
        b.process(idle, { stores: [store] });
        d.process(idle, { stores: [store] });
        c.merge(a);
      }),
    ).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('end at a repartition topic', () => {
    expect(
      sourcesOf((builder) => {
        builder
          .stream('a', text)
          .selectKey(() => 'k')
          .repartition({ name: 'r', ...text })
          .to('x', text);
      }),
    ).toEqual([['a'], ['r-repartition']]);
  });

  it('make one task for each partition', () => {
    const builder = new StreamsBuilder();
    builder.stream('a', text).to('x', text);
    builder.stream('b', text).to('y', text);
    const driver = new TopologyTestDriver(builder.build(), { partitions: 2 });
    expect(Object.keys(driver.counters())).toEqual(['0_0', '0_1', '1_0', '1_1']);
  });
});

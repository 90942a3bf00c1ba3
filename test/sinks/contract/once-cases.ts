import { expect, it } from 'vitest';
import { restoring, withTombstone } from './contract-batches.ts';
import type { SinkBench } from './sink-bench.ts';

/** An effect happens once, however often its batch comes. */
export function testOnce<K, V>(bench: SinkBench<K, V>): void {
  const { batches, harness } = bench;
  const source = batches.source();

  it('a batch is there when its write has resolved', async () => {
    const empty = await bench.contentAfter([]);
    const { system } = await bench.written([batches.live(0, 4)]);
    expect(await system.content(source)).not.toEqual(empty);
    expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 4)]));
  });

  it('the same batch twice is once', async () => {
    const { system, connector } = await bench.written([batches.live(0, 4)]);
    const once = await system.content(source);
    const told = await system.told?.();
    await connector.write(batches.live(0, 4));
    expect(await system.content(source)).toEqual(once);
    expect(await system.told?.()).toEqual(told);
  });

  it('the same batch from a new process is once', async () => {
    const { system } = await bench.written([batches.live(0, 4)]);
    const once = await system.content(source);
    const told = await system.told?.();
    const next = await bench.open(system);
    await next.write(batches.live(0, 4));
    expect(await system.content(source)).toEqual(once);
    expect(await system.told?.()).toEqual(told);
  });

  it('the same batch long after, behind others, is once', async () => {
    const { system } = await bench.written([batches.live(0, 4), batches.live(5, 9), batches.live(10, 12)]);
    const once = await system.content(source);
    const told = await system.told?.();
    const next = await bench.open(system);
    await next.write(batches.live(0, 4));
    await next.write(batches.live(5, 9));
    expect(await system.content(source)).toEqual(once);
    expect(await system.told?.()).toEqual(told);
  });

  it('what it holds follows from the records, not from how they were cut', async () => {
    const cut = [batches.live(0, 0), batches.live(1, 6), batches.live(7, 9)];
    expect(await bench.contentAfter(cut)).toEqual(await bench.contentAfter([batches.live(0, 9)]));
  });

  it('partitions are apart, also when they are written side by side', async () => {
    const system = await bench.system();
    const connector = await bench.open(system);
    await Promise.all([connector.write(batches.live(0, 4, 0)), connector.write(batches.live(0, 2, 1))]);
    const expected = await bench.contentAfter([batches.live(0, 4, 0), batches.live(0, 2, 1)]);
    expect(await system.content(source)).toEqual(expected);
    if (!harness.marks) return;
    expect(await connector.appliedOffset(0)).toBe(4);
    expect(await connector.appliedOffset(1)).toBe(2);
  });

  it('offsets may have gaps, as in a compacted topic', async () => {
    const gaps = batches.at([2, 5, 6], { firstOffset: 2, lastOffset: 9 });
    const { system, connector } = await bench.written([gaps]);
    const once = await system.content(source);
    await connector.write(gaps);
    await connector.write(batches.live(10, 11));
    expect(await system.content(source)).toEqual(await bench.contentAfter([gaps, batches.live(10, 11)]));
    expect(await system.content(source)).not.toEqual(once);
  });

  it('a tombstone is no accident, and the records around it count', async () => {
    const batch = withTombstone(batches.live(0, 4), 2);
    const { system, connector } = await bench.written([batch]);
    const once = await system.content(source);
    await connector.write(batch);
    await connector.write(batches.live(5, 6));
    expect(await system.content(source)).toEqual(await bench.contentAfter([batch, batches.live(5, 6)]));
    expect(await system.content(source)).not.toEqual(once);
  });

  if (harness.tellsOnly !== true) {
    it('a restored batch is held like any other', async () => {
      const { system } = await bench.written([restoring(batches.live(0, 4))]);
      expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 4)]));
    });
  }

  if (harness.can.tell) {
    it('a live batch is told, a restored one is not', async () => {
      const { system, connector } = await bench.written([restoring(batches.live(0, 4))]);
      expect(await system.told?.()).toEqual([]);
      await connector.write(batches.live(5, 9));
      expect((await system.told?.())?.length).toBeGreaterThan(0);
    });
  }

  it('a later topic of the same name begins anew', async () => {
    const later = batches.source(source.topicEpoch + 1_000);
    const { system, connector } = await bench.written([batches.live(0, 9)]);
    await connector.close();
    const next = await bench.open(system, later);
    if (harness.marks) expect(await next.appliedOffset(0)).toBe(-1);
    await next.write(batches.live(0, 4));
    expect(await system.content(later)).toEqual(await bench.contentAfter([batches.live(0, 4)], later));
  });
}

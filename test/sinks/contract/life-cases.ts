import { expect, it } from 'vitest';
import { restoring } from './contract-batches.ts';
import type { SinkBench } from './sink-bench.ts';

/** Opening, closing, and where the mark stands. */
export function testLife<K, V>(bench: SinkBench<K, V>): void {
  const { batches, harness } = bench;
  const source = batches.source();

  it('it may be closed before it is opened, and twice', async () => {
    const system = await bench.system();
    const connector = bench.unopened(system);
    await connector.close();
    const opened = await bench.open(system);
    await opened.close();
    await opened.close();
  });

  it('it asks for batches of a sensible size', async () => {
    const { maxBatchRecords = 1 } = bench.unopened(await bench.system());
    expect(Number.isSafeInteger(maxBatchRecords)).toBe(true);
    expect(maxBatchRecords).toBeGreaterThan(0);
  });

  it('a new process goes on where the last one was', async () => {
    const { system, connector } = await bench.written([batches.live(0, 4)]);
    await connector.close();
    const next = await bench.open(system);
    await next.write(batches.live(5, 9));
    expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 9)]));
  });

  if (!harness.marks) {
    it('says for every partition that it keeps no mark', async () => {
      const { connector } = await bench.written([batches.live(0, 4)]);
      expect(await connector.appliedOffset(0)).toBeUndefined();
      expect(await connector.appliedOffset(1)).toBeUndefined();
    });
    return;
  }

  it('the mark is -1 at first, and then the end of the last batch, also for a new process', async () => {
    const { system, connector } = await bench.written([]);
    expect(await connector.appliedOffset(0)).toBe(-1);
    await connector.write(batches.live(0, 4));
    expect(await connector.appliedOffset(0)).toBe(4);
    await connector.write(batches.at([5, 6], { firstOffset: 5, lastOffset: 9 }));
    expect(await connector.appliedOffset(0)).toBe(9);
    expect(await connector.appliedOffset(1)).toBe(-1);
    await connector.close();
    const next = await bench.open(system);
    expect(await next.appliedOffset(0)).toBe(9);
  });

  it('the mark does not go back when an old batch comes again', async () => {
    const { connector } = await bench.written([batches.live(0, 4), batches.live(5, 9)]);
    await connector.write(batches.live(0, 4));
    expect(await connector.appliedOffset(0)).toBe(9);
  });

  it('a restored batch without records takes the mark along', async () => {
    const { system, connector } = await bench.written([batches.live(0, 4)]);
    const before = await system.content(source);
    await connector.write(restoring(batches.at([], { firstOffset: 5, lastOffset: 7 })));
    expect(await connector.appliedOffset(0)).toBe(7);
    await connector.write(batches.live(8, 9));
    expect(await system.content(source)).not.toEqual(before);
  });
}

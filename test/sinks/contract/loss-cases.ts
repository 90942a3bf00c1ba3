import { expect, it } from 'vitest';
import { restoring } from './contract-batches.ts';
import type { SinkBench } from './sink-bench.ts';
import type { SinkSystem } from './sink-harness.ts';

/** The system has lost data that it had acknowledged. */
export function testLoss<K, V>(bench: SinkBench<K, V>): void {
  const { batches, harness } = bench;
  const source = batches.source();
  const stateOf = (system: SinkSystem<K, V>): Promise<unknown> =>
    system.state === undefined ? system.content(source) : system.state(source);

  if (harness.can.lose && harness.marks) {
    it('a system that has lost everything says so, and holds it again after a restore, told to nobody', async () => {
      const { system, connector } = await bench.written([batches.live(0, 9)]);
      const before = await system.content(source);
      const told = await system.told?.();
      await system.lose?.();
      for (const partition of [0, 1]) expect(await connector.appliedOffset(partition)).toBe(-1);
      await connector.write(restoring(batches.live(0, 5)));
      await connector.write(restoring(batches.live(6, 9)));
      expect(await system.content(source)).toEqual(before);
      expect(await connector.appliedOffset(0)).toBe(9);
      expect(await system.told?.()).toEqual(told);
    });

    it('a live batch is not put on top of a gap: the write rejects, and the mark tells why', async () => {
      const { system, connector } = await bench.written([batches.live(0, 9)]);
      await system.lose?.();
      await expect(connector.write(batches.live(10, 12))).rejects.toMatchObject({
        code: expect.any(String) as string,
      });
      expect(await connector.appliedOffset(0)).toBe(-1);
    });
  }

  const { snapshotAfter } = harness;
  if (snapshotAfter === undefined) return;

  const snapshot = (upToOffset: number) => ({
    topic: source.topic,
    partition: 0,
    upToOffset,
    entries: snapshotAfter(upToOffset + 1),
  });

  it('a snapshot brings the state back, and tells nobody', async () => {
    const { system } = await bench.written([batches.live(0, 9)]);
    const state = await stateOf(system);
    const other = await bench.system();
    const connector = await bench.open(other);
    await connector.writeSnapshot?.(snapshot(9));
    await connector.write(restoring(batches.at([], { firstOffset: 9, lastOffset: 9 })));
    expect(await stateOf(other)).toEqual(state);
    expect(await other.told?.()).toEqual(harness.can.tell ? [] : undefined);
    expect(await connector.appliedOffset(0)).toBe(9);
  });

  it('a snapshot leaves the mark where it is, and what is restored after it does not change the state', async () => {
    const { system } = await bench.written([batches.live(0, 9)]);
    const state = await stateOf(system);
    const other = await bench.system();
    const connector = await bench.open(other);
    await connector.writeSnapshot?.(snapshot(9));
    expect(await connector.appliedOffset(0)).toBe(-1);
    await connector.write(restoring(batches.live(6, 8)));
    await connector.write(restoring(batches.live(9, 9)));
    expect(await stateOf(other)).toEqual(state);
  });

  it('a snapshot replaces what was there, twice as well as once, and live batches follow it', async () => {
    const { system, connector } = await bench.written([batches.live(0, 3)]);
    await connector.writeSnapshot?.(snapshot(9));
    await connector.writeSnapshot?.(snapshot(9));
    await connector.write(restoring(batches.live(4, 9)));
    await connector.write(batches.live(10, 12));
    const { system: other } = await bench.written([batches.live(0, 12)]);
    expect(await stateOf(system)).toEqual(await stateOf(other));
  });
}

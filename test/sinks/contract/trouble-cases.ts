import { expect, it } from 'vitest';
import type { AwayHow } from './sink-harness.ts';
import type { SinkBench } from './sink-bench.ts';
import { BOUND_MS, untilDone } from './until-done.ts';

/** The system is away, or dies. */
export function testTrouble<K, V>(bench: SinkBench<K, V>): void {
  const { batches, harness } = bench;
  const source = batches.source();

  if (harness.can.goAway) {
    it.each<AwayHow>(['refuses', 'hangs'])(
      'a system that %s: a write rejects in bounded time with a code, and works later without opening again',
      async (how) => {
        const { system, connector } = await bench.written([batches.live(0, 4)], { impatient: true });
        await system.goAway?.(how);
        await expectRejection(connector.write(batches.live(5, 9)));
        await system.comeBack?.();
        await untilDone(() => connector.write(batches.live(5, 9)));
        expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 9)]));
      },
    );

    if (harness.tellsOnly !== true) {
      it('to open rejects in bounded time with a code while the system is away, and works later', async () => {
        const system = await bench.system();
        await system.goAway?.('refuses');
        const connector = bench.unopened(system, { impatient: true });
        await expectRejection(connector.open(source));
        await system.comeBack?.();
        await untilDone(() => connector.open(source));
        await untilDone(() => connector.write(batches.live(0, 4)));
        expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 4)]));
      });
    }

    it('it can be closed while the system is away', async () => {
      const { system, connector } = await bench.written([batches.live(0, 4)], { impatient: true });
      await system.goAway?.('refuses');
      await connector.close();
      await system.comeBack?.();
    });
  }

  if (harness.can.goAway && harness.marks) {
    it('after a write that failed the mark is not ahead of what is there', async () => {
      const { system, connector } = await bench.written([batches.live(0, 4)], { impatient: true });
      await system.goAway?.('hangs');
      await expectRejection(connector.write(batches.live(5, 9)));
      await expectRejection(connector.appliedOffset(0));
      await system.comeBack?.();
      const next = await bench.open(system);
      const mark = await next.appliedOffset(0);
      expect([4, 9]).toContain(mark);
      expect(await system.content(source)).toEqual(
        await bench.contentAfter([batches.live(0, mark ?? Number.NaN)]),
      );
    });
  }

  if (harness.can.crash) {
    it('what was acknowledged survives a crash of the system', async () => {
      const { system, connector } = await bench.written([batches.live(0, 4)], { impatient: true });
      await system.crash?.();
      expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 4)]));
      await untilDone(() => connector.write(batches.live(5, 9)));
      expect(await system.content(source)).toEqual(await bench.contentAfter([batches.live(0, 9)]));
    });
  }
}

async function expectRejection(work: Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  const outcome = await work.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  expect(performance.now() - startedMs).toBeLessThan(BOUND_MS);
  expect(outcome).toBeInstanceOf(Error);
  expect((outcome as { code?: unknown }).code).toMatch(/^[A-Z][A-Z0-9_]+$/);
}

import { describe } from 'vitest';
import { testLife } from './life-cases.ts';
import { testLoss } from './loss-cases.ts';
import { testOnce } from './once-cases.ts';
import { SinkBench } from './sink-bench.ts';
import type { SinkHarness } from './sink-harness.ts';
import { testTrouble } from './trouble-cases.ts';

/** What a runtime relies on, whatever the sink. */
export function describeSinkContract<K, V>(name: string, harness: SinkHarness<K, V>): void {
  describe(`the contract of sinks, kept by ${name}`, () => {
    const bench = new SinkBench(harness);
    testOnce(bench);
    testLife(bench);
    testTrouble(bench);
    testLoss(bench);
  });
}

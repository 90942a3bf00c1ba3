import { describe, expect, it } from 'vitest';
import { allCases } from './cases/all-cases.ts';
import { totalOf } from './outcome.ts';
import { runInTestDriver, runtimes } from './runtimes.ts';

describe.each(runtimes)('$name', (runtime) => {
  it.each(allCases)('$name', async (streamCase) => {
    const outcome = await runtime.run(streamCase);
    for (const [topic, lines] of Object.entries(streamCase.expected)) {
      expect(outcome.topics[topic], topic).toEqual(lines);
    }
    for (const [counter, count] of Object.entries(streamCase.counters ?? {})) {
      expect(totalOf(outcome, counter), counter).toBe(count);
    }
    for (const [store, entries] of Object.entries(streamCase.stores ?? {})) {
      expect(outcome.stores[store], store).toEqual(entries);
    }
    expect(outcome).toEqual(runInTestDriver(streamCase));
  });
});

import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Ends a run with one plain line, `N passed, N failed` and `, N skipped` where some were. A file or a hook that
 * broke, an unhandled error and a run that broke off count as failed. Before it, why tests were skipped.
 */
export class PlainLineReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  /** The line is printed as the process ends, so that nothing comes after it. */
  onInit(): void {
    process.once('exit', (code) => {
      const { passed, failed, skipped } = this.#counts;
      const counted = failed === 0 && code !== 0 ? 1 : failed;
      writeSync(1, `${passed} passed, ${counted} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string): number => tests.filter((test) => test.result().state === state).length;
    this.#counts = {
      passed: inState('passed'),
      failed: inState('failed') + inState('pending') + unhandledErrors.length + brokenSuites(modules),
      skipped: inState('skipped'),
    };
    const reasons = new Set(tests.flatMap(skipReason));
    for (const reason of reasons) process.stdout.write(`skipped: ${reason}\n`);
  }
}

/** Suites and files that failed by themselves: not to be loaded, or a hook threw. */
function brokenSuites(modules: readonly TestModule[]): number {
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  return suites.filter((suite) => suite.errors().length > 0).length;
}

function skipReason(test: TestCase): string[] {
  const result = test.result();
  if (result.state !== 'skipped') return [];
  const reason = result.note ?? test.meta().skipReason;
  return reason === undefined ? [] : [reason];
}

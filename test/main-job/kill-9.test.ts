import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemoSummary } from '../../cli/demo/summary.ts';
import { createRandom } from '../../replay/random.ts';
import { SINKS } from '../../topology/topics.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { differences } from './support/content.ts';
import type { Content } from './support/content.ts';
import { dataDirectory, newDataDirectory, removeDataDirectory } from './support/data-directory.ts';
import { runDemoOnce, startDemo, startProgram, summaryOf } from './support/demo-process.ts';
import { dyingDemo } from './support/strike.ts';
import type { Strike } from './support/strike.ts';
import { wholeContent } from './support/whole-content.ts';

const SERIES = ['github', 'app1-01', 'ec2_request_latency_system_failure', 'grok_asg_anomaly'];
const KILLS_AT_RANDOM = 4;
/** Give the seed of a run that failed to see the same moments again, as far as the machine's pace allows. */
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);

const undisturbed: { content: Content; summary: unknown; durationMs: number } = {
  content: new Map(),
  summary: undefined,
  durationMs: 0,
};
let undisturbedDir: string;

function argsFor(dataDir: string): string[] {
  return ['--data-dir', dataDir, '--only', ...SERIES];
}

/** The ledger and all that follows from it; how fast it went is another matter. */
function countsOf(summary: DemoSummary): unknown {
  return { ...summary, eventsPerSecond: 0, replaySeconds: 0 };
}

await describeWithPrograms(['redis-server', 'chdb'], 'kill -9', () => {
  beforeAll(async () => {
    undisturbedDir = newDataDirectory();
    const started = performance.now();
    undisturbed.summary = countsOf(await runDemoOnce({ args: argsFor(undisturbedDir) }));
    undisturbed.durationMs = performance.now() - started;
    undisturbed.content = await wholeContent(undisturbedDir);
  });

  afterAll(() => removeDataDirectory(undisturbedDir));

  /** What was killed is started once more and runs to its end: nothing must tell that it was ever killed. */
  async function expectEqualEnd(dataDir: string): Promise<void> {
    const demo = startDemo({ args: [...argsFor(dataDir), '--once', '--json', '--port', '0'] });
    expect(await demo.ended).toBe(0);
    expect(countsOf(summaryOf(demo))).toEqual(undisturbed.summary);
    const told = demo.stderr().slice(-1_000);
    expect(differences(undisturbed.content, await wholeContent(dataDir)), told).toEqual([]);
  }

  async function dieOf(dataDir: string, strike: Strike): Promise<void> {
    const options = { dataDir, only: SERIES, once: true, json: true, port: 0 };
    const demo = startProgram(dyingDemo(options, strike));
    expect(await demo.ended, `${JSON.stringify(strike)}\n${demo.stderr().slice(-500)}`).toBe('SIGKILL');
  }

  test('an undisturbed run has transitions, windows, events, dead letters, stores, Redis and ClickHouse to compare', () => {
    const { content } = undisturbed;
    for (const topic of ['events', 'inbox', 'windows', 'state', 'transitions', 'verdicts', 'dead-letters']) {
      const lines = [0, 1, 2, 3].flatMap(
        (partition) => content.get(`topic incident.${topic}[${partition}]`) ?? [],
      );
      expect(lines.length, topic).toBeGreaterThan(5);
    }
    for (const view of ['transitions', 'windows', 'events', 'late_events', 'dead_letters', 'incidents'])
      expect(content.get(`clickhouse ${view}`)?.length, view).toBeGreaterThan(5);
    const sections = [...content.keys()];
    expect(sections.filter((section) => section.startsWith('redis incidents:')).length).toBeGreaterThan(10);
    expect(sections.filter((section) => section.startsWith('store ')).length).toBeGreaterThan(3);
  });

  test(`killed at random moments (KILL_SEED=${seed}), it ends as if it had never been`, async () => {
    const random = createRandom(seed);
    const dataDir = dataDirectory();
    for (let kill = 0; kill < KILLS_AT_RANDOM; kill++) {
      const demo = startDemo({ args: [...argsFor(dataDir), '--once', '--json', '--port', '0'] });
      await Promise.race([sleep(random() * undisturbed.durationMs), demo.ended]);
      demo.kill('SIGKILL');
      await demo.ended;
    }
    await expectEqualEnd(dataDir);
  });

  test('killed at each step of a commit, it ends as if it had never been', async () => {
    const dataDir = dataDirectory();
    await dieOf(dataDir, { at: 'commit', step: 'processed', n: 1 });
    await dieOf(dataDir, { at: 'commit', step: 'flushed', n: 2 });
    await dieOf(dataDir, { at: 'commit', step: 'committed', n: 1 });
    await dieOf(dataDir, { at: 'commit', step: 'flushed', n: 1 });
    await expectEqualEnd(dataDir);
  });

  test('killed before and after the tick that ends the replay, it ends as if it had never been', async () => {
    const dataDir = dataDirectory();
    await dieOf(dataDir, { at: 'final-tick', moment: 'before' });
    await dieOf(dataDir, { at: 'final-tick', moment: 'after' });
    await expectEqualEnd(dataDir);
  });

  test('killed when Redis or ClickHouse has a batch and nobody has noted it, it writes nothing twice', async () => {
    const dataDir = dataDirectory();
    await dieOf(dataDir, { at: 'sink', sink: SINKS.redis, moment: 'written', n: 1 });
    await dieOf(dataDir, { at: 'sink', sink: SINKS.transitionHistory, moment: 'written', n: 1 });
    await dieOf(dataDir, { at: 'sink', sink: SINKS.transitionHistory, moment: 'before-write', n: 2 });
    await dieOf(dataDir, { at: 'sink', sink: SINKS.windowHistory, moment: 'written', n: 2 });
    await dieOf(dataDir, { at: 'sink', sink: SINKS.eventHistory, moment: 'written', n: 1 });
    await dieOf(dataDir, { at: 'sink', sink: SINKS.deadLetterHistory, moment: 'written', n: 1 });
    await expectEqualEnd(dataDir);
  });

  test('the comparison sees a row that is missing, one that is there twice, and one that has changed', () => {
    for (const [section, lines] of undisturbed.content) {
      if (lines.length === 0) continue;
      const middle = Math.floor(lines.length / 2);
      const others = {
        missing: lines.toSpliced(middle, 1),
        twice: lines.toSpliced(middle, 0, lines[middle] ?? ''),
        changed: lines.with(middle, `${lines[middle] ?? ''} `),
      };
      for (const [what, other] of Object.entries(others)) {
        const found = differences(undisturbed.content, new Map(undisturbed.content).set(section, other));
        expect(found, `${what} in ${section}`).toHaveLength(1);
      }
    }
  });
});

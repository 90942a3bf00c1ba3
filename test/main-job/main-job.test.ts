import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DemoSummary } from '../../cli/demo/summary.ts';
import { readArchive } from './support/archive.ts';
import type { Archive } from './support/archive.ts';
import { newDataDirectory, removeDataDirectory } from './support/data-directory.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { isAlive, startDemo, summaryOf } from './support/demo-process.ts';
import type { DemoProcess } from './support/demo-process.ts';
import { eventsJudged, outcomesOf } from './support/verdicts.ts';

/** Replays take minutes on a machine that has much else to do. */
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: 5 * PATIENCE_MS, hookTimeout: 10 * PATIENCE_MS });

const SERIES = ['github', 'app1-07', 'ec2_request_latency_system_failure'];

await describeWithPrograms(['redis-server', 'chdb'], 'a replay of real outages, run once', () => {
  let dataDir: string;
  let demo: DemoProcess;
  let descendants: number[];
  let summary: DemoSummary;

  beforeAll(async () => {
    dataDir = newDataDirectory();
    demo = startDemo({
      args: ['--once', '--json', '--port', '0', '--data-dir', dataDir, '--only', ...SERIES],
    });
    await demo.printed(/Data {8}/);
    descendants = demo.descendants();
    expect(await demo.ended, demo.stderr()).toBe(0);
    summary = summaryOf(demo);
  });

  afterAll(() => removeDataDirectory(dataDir));

  test('standard output is one JSON object with every field that programs may rely on', () => {
    expect(demo.stdout().trimEnd().split('\n')).toHaveLength(1);
    const whole = expect.any(Number) as unknown;
    expect(summary).toMatchObject({
      received: whole,
      applied: whole,
      duplicates: whole,
      late: whole,
      deadLettered: whole,
      injected: { duplicates: whole, late: whole, broken: whole },
      incidentsOpened: whole,
      incidentsResolved: whole,
      eventsPerSecond: whole,
    });
    for (const series of summary.series) {
      expect(Object.keys(series)).toEqual(
        expect.arrayContaining(['name', 'precision', 'recall', 'baselinePrecision', 'baselineRecall']),
      );
    }
  });

  test('the ledger equals what was mixed into the input, bucket by bucket', () => {
    const { received, applied, duplicates, late, deadLettered, injected } = summary;
    expect({ duplicates, late, broken: deadLettered }).toEqual(injected);
    expect(received).toBe(applied + duplicates + late + deadLettered);
    expect(received).toBeGreaterThan(40_000);
    for (const bucket of [duplicates, late, deadLettered]) expect(bucket).toBeGreaterThan(0);
  });

  describe('the archive in ClickHouse', () => {
    let archive: Archive;

    beforeAll(async () => {
      archive = await readArchive(dataDir);
    });

    test('has as many events of each outcome as the ledger, partition by partition', () => {
      const { outcomes, ledger, verdicts } = archive;
      expect(outcomes.length).toBeGreaterThan(8);
      expect(outcomes).toEqual(ledger);
      expect(eventsJudged(verdicts)).toBe(verdicts.length);
      expect(outcomesOf(verdicts)).toEqual(ledger);
    });

    test('answers in SQL what the summary says', () => {
      const { applied, duplicates, late } = summary;
      expect(archive.totals).toEqual({ applied, duplicate: duplicates, late, rejected: archive.rejected });
      expect(archive.rejected).toBeGreaterThan(0);
      expect(archive.deadLetters.length).toBe(summary.deadLettered);
    });

    test('holds what the topic of verdicts holds, event by event', () => {
      expect(archive.events.length).toBeGreaterThan(40_000);
      expect(archive.events).toEqual(archive.verdicts);
    });

    test('explains with a sentence whatever did not take effect', () => {
      const reasons = { DUPLICATE: /was seen before$/, LATE: /behind stream time/, REJECTED: /\w+ \w+/ };
      for (const { outcome, reason, event } of archive.events) {
        if (outcome === 'APPLIED') expect(reason).toBeNull();
        else expect(reason, event.id).toMatch(reasons[outcome]);
      }
    });

    test('has every dead letter with its reason and the very bytes that lie at the place it names', () => {
      const codes = new Set(archive.deadLetters.map(({ code }) => code));
      expect(codes).toContain('TOPOLOGY_EVENT_REJECTED');
      expect(codes).toContain('STREAMS_DESERIALIZATION');
      for (const letter of archive.deadLetters) {
        expect(letter.message).toMatch(/\w+ \w+/);
        expect(letter.value, letter.message).toBe(archive.sourceOf(letter));
      }
    });
  });

  test('incidents are opened and resolved, and what was replayed is scored beside the trivial rule', () => {
    expect(summary.incidentsOpened).toBeGreaterThan(150);
    expect(summary.incidentsResolved).toBeGreaterThan(150);
    expect(summary.eventsPerSecond).toBeGreaterThan(0);
    for (const name of SERIES.slice(1)) {
      const score = summary.series.find((series) => series.name === name);
      expect(score?.precision, name).toBeGreaterThan(0);
      expect(score?.recall, name).toBeGreaterThan(0);
      expect(score?.baselinePrecision, name).toBeGreaterThan(0);
    }
  });

  test('people read the banner, the incidents and the summary on standard error', () => {
    const text = demo.stderr();
    expect(text).toMatch(/Incidents +http:\/\/127\.0\.0\.1:\d+\/incidents/);
    expect(text).toMatch(/Redis +redis:\/\/127\.0\.0\.1:\d+/);
    expect(text).toMatch(/ClickHouse +http:\/\/127\.0\.0\.1:\d+/);
    expect(text).toMatch(/OPENED {8}M\w+ +github\/Actions/);
    expect(text).toMatch(/RESOLVED {6}M\w+ +github\/Actions/);
    expect(text).toMatch(/Ledger\n {2}received +\d/);
    expect(text).not.toContain('\u001b');
  });

  test('no process is left behind', async () => {
    expect(descendants.length).toBeGreaterThanOrEqual(2);
    const deadline = Date.now() + PATIENCE_MS;
    while (descendants.some(isAlive) && Date.now() < deadline) await sleep(50);
    expect(descendants.filter(isAlive)).toEqual([]);
  });

  test('a second start has nothing left to do, and says the same', async () => {
    const again = startDemo({
      args: ['--once', '--json', '--port', '0', '--data-dir', dataDir, '--only', ...SERIES],
    });
    expect(await again.ended, again.stderr()).toBe(0);
    expect(summaryOf(again)).toEqual(summary);
  });

  test('a process that is killed leaves none behind either', async () => {
    const dataDir = newDataDirectory();
    const demo = startDemo({ args: ['--port', '0', '--data-dir', dataDir, '--limit', '3000'] });
    await demo.printed(/Data {8}/);
    const descendants = demo.descendants();
    expect(descendants.length).toBeGreaterThanOrEqual(2);
    demo.kill('SIGKILL');
    await demo.ended;
    const deadline = Date.now() + PATIENCE_MS;
    while (descendants.some(isAlive) && Date.now() < deadline) await sleep(50);
    expect(descendants.filter(isAlive)).toEqual([]);
    removeDataDirectory(dataDir);
  });
});

for (const more of [[], ['--fresh']]) {
  test(`a data directory that is in use is refused at once, and left as it is: demo ${more.join(' ')}`, async () => {
    const dataDir = newDataDirectory();
    const args = ['--port', '0', '--data-dir', dataDir, '--no-redis', '--no-clickhouse', '--only', 'github'];
    const first = startDemo({ args });
    const [, url] = await first.printed(/Incidents +(http:\S+\/incidents)/);
    await first.printed(/Serving/);
    const started = performance.now();
    const second = startDemo({ args: [...args, ...more] });
    expect(await second.ended).toBe(1);
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
    expect(second.stderr()).toMatch(/^STREAMS_LOCKED: .* is in use by process \d+/);
    expect((await fetch(url ?? '')).status).toBe(200);
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    removeDataDirectory(dataDir);
  });
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCrashSeries } from '../../replay/load/crash-series.ts';
import { loadGithubIncidents } from '../../replay/load/github-incidents.ts';
import { loadLatencySeries, loadWindowLabels } from '../../replay/load/latency-series.ts';
import { data } from './sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'replay-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the shipped data', () => {
  it('holds what its README says', () => {
    expect(data.github).toHaveLength(196);
    expect(data.github.reduce((sum, incident) => sum + incident.updates.length, 0)).toBe(695);
    expect(data.crashes.map((series) => series.name)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `app1-0${n}`),
    );
    expect(
      data.latencies.map(({ name, samples, windows }) => [name, samples.length, windows.length]),
    ).toEqual([
      ['ec2_request_latency_system_failure', 4032, 3],
      ['grok_asg_anomaly', 4621, 3],
    ]);
  });

  it('counts an hour that occurs twice once', () => {
    const crashes = data.crashes
      .flatMap((series) => series.hours)
      .reduce((sum, hour) => sum + (hour.crashes ?? 0), 0);
    expect(crashes).toBe(506_620);
  });
});

describe('a crash series', () => {
  it('takes an hour as anomalous where either of its rows says so, and keeps a missing count apart from zero', () => {
    const path = file(
      'crashes.csv',
      'TimeStamp,Value,Label\n2018-06-25 14:00:00,60.0,1\n2018-06-25 14:00:00,60.0,0\n2018-06-25 15:00:00,,0\n2018-06-25 16:00:00,0,0',
    );
    expect(loadCrashSeries(path, 'x').hours).toEqual([
      { startAt: Date.UTC(2018, 5, 25, 14), crashes: 60, anomalous: true },
      { startAt: Date.UTC(2018, 5, 25, 15), crashes: null, anomalous: false },
      { startAt: Date.UTC(2018, 5, 25, 16), crashes: 0, anomalous: false },
    ]);
  });

  it.each([
    [
      'two different counts for an hour',
      '2018-06-25 14:00:00,60,1\n2018-06-25 14:00:00,61,0',
      /:3: .*different counts/,
    ],
    ['a count that is none', '2018-06-25 14:00:00,many,1', /:2: "many" is not a number/],
    ['half a crash', '2018-06-25 14:00:00,1.5,1', /:2: "1.5" is not a count/],
    ['a time that is none', 'noon,1,1', /:2: "noon" is not a time/],
    ['a missing cell', '2018-06-25 14:00:00,1', /:2 has 2 cells/],
  ])('refuses %s, naming the line', (_what, rows, message) => {
    const path = file('bad.csv', `TimeStamp,Value,Label\n${rows}`);
    expect(() => loadCrashSeries(path, 'x')).toThrow(
      expect.objectContaining({ code: 'REPLAY_DATA', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('files that are not what they should be', () => {
  it('a missing file is named', () => {
    expect(() => loadCrashSeries(join(folder, 'nowhere.csv'), 'x')).toThrow(/nowhere\.csv/);
  });

  it('a header of another kind is refused', () => {
    expect(() => loadCrashSeries(file('other.csv', 'a,b\n1,2'), 'x')).toThrow(/begins with "a,b"/);
  });

  it('an incident without updates is refused with its line', () => {
    const [good] = data.github;
    expect(good).toBeDefined();
    expect(() => loadGithubIncidents(file('bad.jsonl', '{"id": "x", "updates": []}'))).toThrow(
      /bad\.jsonl:1 /,
    );
  });

  it('a series without labels is refused, since it could not be scored', () => {
    const labels = loadWindowLabels(file('labels.json', '{"nab/a.csv": []}'));
    expect(() => loadLatencySeries(file('b.csv', 'timestamp,value\n'), 'b', labels)).toThrow(/no windows/);
  });
});

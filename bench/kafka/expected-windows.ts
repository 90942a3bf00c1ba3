import { keyAt, sourceOf, timeAt, valueAt } from '../load.ts';
import type { Load } from '../load.ts';
import type { CountAndSum } from './count-and-sum.ts';

const WINDOW_MS = 60_000;

/** What has to come out of a load: the last count and sum of each window, computed without any stream processing. */
export function expectedWindows(load: Load): ReadonlyMap<string, CountAndSum> {
  const windows = new Map<string, { count: number; sum: number }>();
  for (let index = 0; index < load.events; index++) {
    if (sourceOf(index, load) !== index) continue;
    const timeMs = timeAt(index, load);
    const name = `${keyAt(index, load)}@${timeMs - (timeMs % WINDOW_MS)}`;
    const window = windows.get(name);
    if (window === undefined) windows.set(name, { count: 1, sum: valueAt(index) });
    else {
      window.count++;
      window.sum += valueAt(index);
    }
  }
  return windows;
}

/** How the windows differ from what is expected, in words; undefined where they do not. */
export function differenceOf(
  actual: ReadonlyMap<string, CountAndSum>,
  expected: ReadonlyMap<string, CountAndSum>,
): string | undefined {
  for (const [name, { count, sum }] of expected) {
    const found = actual.get(name);
    if (found === undefined) return `${name} is missing`;
    if (found.count !== count || found.sum !== sum)
      return `${name} has count ${found.count} and sum ${found.sum}, not ${count} and ${sum}`;
  }
  if (actual.size !== expected.size) return `${actual.size - expected.size} windows too many`;
  return undefined;
}

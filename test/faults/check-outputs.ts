import type { CommittedRecord } from './committed-records.ts';
import type { Expected, Sum } from './reference-fold.ts';

/** What lies in the output topics, for a reader of committed records. */
export interface Outputs {
  readonly windows: readonly CommittedRecord[];
  readonly keys: readonly CommittedRecord[];
  readonly regions: readonly CommittedRecord[];
}

/** Compares the outputs with what the inbox must lead to; returns what is wrong, nothing where all is right. */
export function outputProblems(outputs: Outputs, expected: Expected): string[] {
  return [
    ...windowProblems(byKey(outputs.windows), expected.windows),
    ...sequenceProblems(byKey(outputs.keys), expected.keys),
    ...regionProblems(byKey(outputs.regions), expected.regions),
  ];
}

/** Each window that has closed is there once, and nothing else. */
function windowProblems(
  written: ReadonlyMap<string, readonly Sum[]>,
  expected: ReadonlyMap<string, Sum>,
): string[] {
  const problems: string[] = [];
  for (const name of union(written, expected)) {
    const results = written.get(name) ?? [];
    const result = expected.get(name);
    const wanted = result === undefined ? [] : [result];
    if (!same(results, wanted)) problems.push(`window ${name}: ${show(results)} instead of ${show(wanted)}`);
  }
  return problems;
}

/** Of each key every change is there once, in order. */
function sequenceProblems(
  written: ReadonlyMap<string, readonly Sum[]>,
  expected: ReadonlyMap<string, readonly Sum[]>,
): string[] {
  const problems: string[] = [];
  for (const key of union(written, expected)) {
    const [found, wanted] = [written.get(key) ?? [], expected.get(key) ?? []];
    const at = Math.max(found.length, wanted.length);
    for (let i = 0; i < at; i++) {
      if (same(found[i], wanted[i])) continue;
      problems.push(`change ${i} of ${key}: ${show(found[i])} instead of ${show(wanted[i])}`);
      break;
    }
  }
  return problems;
}

/**
 * Several tasks write to a region, so the order of its amounts is open. But each amount is there once, and each change
 * continues the one before it.
 */
function regionProblems(
  written: ReadonlyMap<string, readonly Sum[]>,
  expected: ReadonlyMap<string, readonly number[]>,
): string[] {
  const problems: string[] = [];
  for (const region of union(written, expected)) {
    const amounts: number[] = [];
    let before: Sum = { count: 0, sum: 0, fingerprint: 0 };
    for (const change of written.get(region) ?? []) {
      const amount = change.sum - before.sum;
      const continued = {
        count: before.count + 1,
        sum: before.sum + amount,
        fingerprint: (before.fingerprint * 31 + amount + 1) % 1_000_003,
      };
      if (!same(change, continued))
        problems.push(`${region}: ${show(change)} does not continue ${show(before)}`);
      amounts.push(amount);
      before = change;
    }
    const difference = firstDifference(amounts, expected.get(region) ?? []);
    if (difference !== undefined) problems.push(`${region}: ${difference}`);
  }
  return problems;
}

function firstDifference(found: readonly number[], wanted: readonly number[]): string | undefined {
  if (found.length !== wanted.length) return `${found.length} amounts instead of ${wanted.length}`;
  const [sorted, expected] = [found.toSorted((a, b) => a - b), wanted.toSorted((a, b) => a - b)];
  const at = sorted.findIndex((amount, i) => amount !== expected[i]);
  return at < 0 ? undefined : `the amount ${sorted[at] ?? '-'} instead of ${expected[at] ?? '-'}`;
}

function byKey(records: readonly CommittedRecord[]): Map<string, Sum[]> {
  const found = new Map<string, Sum[]>();
  for (const { key, value } of records) {
    const name = String(key);
    const values = found.get(name) ?? [];
    found.set(name, values);
    values.push(JSON.parse(String(value)) as Sum);
  }
  return found;
}

export function same(one: unknown, other: unknown): boolean {
  return show(one) === show(other);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

export function union(...maps: readonly ReadonlyMap<string, unknown>[]): Set<string> {
  return new Set(maps.flatMap((map) => [...map.keys()]));
}

import { same, union } from './check-outputs.ts';
import type { CommittedRecord } from './committed-records.ts';
import type { Expected, Sum } from './reference-fold.ts';

/** A store's entries as one worker holds them; a window's key is written as `key@start`. */
export type StoreDump = readonly (readonly [key: string, value: Sum])[];

export interface StoreEvidence {
  readonly store: string;
  /** From each worker. */
  readonly dumps: readonly StoreDump[];
  readonly changelog: readonly CommittedRecord[];
  /** Whether keys begin with the start of a window, 8 bytes. */
  readonly windowed: boolean;
}

/** Compares what the workers hold with what their changelog leads to when it is replayed from its beginning. */
export function storeProblems({ store, dumps, changelog, windowed }: StoreEvidence): string[] {
  const problems: string[] = [];
  const held = new Map<string, Sum>();
  for (const [key, value] of dumps.flat()) {
    if (held.has(key)) problems.push(`${store}: ${key} is held twice`);
    held.set(key, value);
  }
  const replayed = replay(changelog, windowed);
  for (const key of union(held, replayed)) {
    const [found, wanted] = [held.get(key), replayed.get(key)];
    if (!same(found, wanted))
      problems.push(
        `${store}: ${key} is ${JSON.stringify(found)}, its changelog says ${JSON.stringify(wanted)}`,
      );
  }
  return problems;
}

/** Compares what the workers hold with what the inbox must lead to. */
export function contentProblems(
  dumps: { readonly windows: StoreDump; readonly keys: StoreDump; readonly regions: StoreDump },
  expected: Expected,
): string[] {
  const wantedKeys = new Map([...expected.keys].map(([key, changes]) => [key, changes.at(-1)]));
  const regions = new Map(dumps.regions.map(([key, { count, sum }]) => [key, { count, sum }]));
  const wantedRegions = new Map(
    [...expected.regions].map(([key, amounts]) => [
      key,
      { count: amounts.length, sum: amounts.reduce((sum, amount) => sum + amount, 0) },
    ]),
  );
  return [
    ...differences('open window', new Map(dumps.windows), expected.openWindows),
    ...differences('summary', new Map(dumps.keys), wantedKeys),
    ...differences('summary', regions, wantedRegions),
  ];
}

function differences(
  what: string,
  found: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): string[] {
  return [...union(found, wanted)]
    .filter((key) => !same(found.get(key), wanted.get(key)))
    .map(
      (key) =>
        `${what} ${key}: ${JSON.stringify(found.get(key))} instead of ${JSON.stringify(wanted.get(key))}`,
    );
}

function replay(changelog: readonly CommittedRecord[], windowed: boolean): Map<string, Sum> {
  const newest = new Map<string, Sum>();
  for (const { key, value } of changelog) {
    const bytes = key ?? Buffer.alloc(0);
    const name = windowed ? `${String(bytes.subarray(8))}@${bytes.readBigUInt64BE(0)}` : String(bytes);
    if (value === null) newest.delete(name);
    else newest.set(name, JSON.parse(String(value)) as Sum);
  }
  return newest;
}

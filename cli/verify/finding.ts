/** The checks of `incidents verify`, in the order in which they run. */
export const CHECKS = ['transitions', 'state', 'stores', 'redis', 'clickhouse', 'ledger'] as const;

export type CheckName = (typeof CHECKS)[number];

/** `OFF`: the configuration does not use it, so it counts neither way. */
export type Verdict = 'MATCH' | 'MISMATCH' | 'COULD-NOT-CHECK' | 'OFF';

/** One place where what is there is not what should be. */
export interface Difference {
  /** The key or the position. */
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

/** What came of a check, or of a part of one. */
export interface Finding {
  readonly check: CheckName;
  /** Of what, where a check has several parts: a table, say. */
  readonly part: string | null;
  readonly verdict: Verdict;
  /** What was compared, for people. */
  readonly compared: string;
  /** Why something could not be checked. */
  readonly reasons: readonly string[];
  /** The first of them, in no more than was asked for. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
}

/** Stands for a value that is not there. */
export const NOTHING = '(nothing)';

/** Collects what a check finds. Of differences only the first are kept, and all are counted. */
export class Finder {
  readonly #of: Pick<Finding, 'check' | 'part'>;
  readonly #maxShown: number;
  readonly #differences: Difference[] = [];
  readonly #reasons: string[] = [];
  #differenceCount = 0;

  constructor(check: CheckName, options: { readonly part?: string; readonly maxShown: number }) {
    this.#of = { check, part: options.part ?? null };
    this.#maxShown = options.maxShown;
  }

  differ(difference: Difference): void {
    this.#differenceCount += 1;
    if (this.#differences.length < this.#maxShown) this.#differences.push(difference);
  }

  couldNotCheck(reason: string): void {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
  }

  finish(compared: string): Finding {
    return {
      ...this.#of,
      verdict:
        this.#differenceCount > 0 ? 'MISMATCH' : this.#reasons.length > 0 ? 'COULD-NOT-CHECK' : 'MATCH',
      compared,
      reasons: this.#reasons,
      differences: this.#differences,
      differenceCount: this.#differenceCount,
    };
  }
}

export function switchedOff(check: CheckName, reason: string): Finding {
  return {
    check,
    part: null,
    verdict: 'OFF',
    compared: reason,
    reasons: [],
    differences: [],
    differenceCount: 0,
  };
}

/** 0: all that is on matches. 1: something does not. 2: nothing is known to differ, but not all could be checked. */
export type ExitCode = 0 | 1 | 2;

export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ verdict }) => verdict === 'MISMATCH')) return 1;
  return findings.some(({ verdict }) => verdict === 'COULD-NOT-CHECK') ? 2 : 0;
}

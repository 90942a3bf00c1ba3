/** One place where a rule is broken: where, what stands there, and what to do instead. */
export interface Violation {
  /** Path from the repository's root, with forward slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly what: string;
  readonly instead: string;
}

export function formatViolation(violation: Violation): string {
  return `${violation.file}:${violation.line} ${violation.what}. Instead: ${violation.instead}`;
}

import { RedisUsageError } from '../redis-errors.ts';

/** An id that comes before every entry of a stream. */
export const BEFORE_ALL = '0-0';

const FORMAT = 1;
const ENTRY_ID = /^(0|[1-9]\d*)-(0|[1-9]\d*)$/;

/** For each partition the id of the last alert that was dealt with; a partition that is not listed stands before all. */
export class AlertPosition {
  readonly #after: string[];

  constructor(after: readonly string[] = []) {
    this.#after = [...after];
  }

  /** By partition; those beyond the last one stand before all. */
  get ids(): readonly string[] {
    return this.#after;
  }

  after(partition: number): string {
    return this.#after[partition] ?? BEFORE_ALL;
  }

  advance(partition: number, id: string): void {
    while (this.#after.length < partition) this.#after.push(BEFORE_ALL);
    this.#after[partition] = id;
  }

  /** To be stored by a program, and given to `parsePosition` after its restart. */
  toString(): string {
    return JSON.stringify({ format: FORMAT, after: this.#after });
  }
}

export function parsePosition(text: string): AlertPosition {
  const after = entryIdsIn(text);
  if (after === undefined) {
    const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    throw new RedisUsageError(`from: "${shown}" is not 'now', 'beginning' or a position of a subscription`);
  }
  return new AlertPosition(after);
}

function entryIdsIn(text: string): string[] | undefined {
  try {
    const { format, after } = JSON.parse(text) as { format?: unknown; after?: unknown };
    const isValid = format === FORMAT && Array.isArray(after) && after.every(isEntryId);
    return isValid ? after : undefined;
  } catch {
    return undefined;
  }
}

function isEntryId(value: unknown): value is string {
  return typeof value === 'string' && ENTRY_ID.test(value);
}

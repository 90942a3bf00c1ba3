import { z } from 'zod';

/** What is known of one key of the configuration besides its type. */
export interface LeafFacts {
  /** What values it takes, to be read after "must be". */
  readonly allowed: string;
  readonly means: string;
  /**
   * `value`: never shown. `url`: shown without its password. `endpoint`: a URL of which only the host is shown, for its
   * path may let in whoever knows it. Each may also come from a file that a variable names.
   */
  readonly secret?: 'value' | 'url' | 'endpoint';
}

export const LEAF_FACTS = z.registry<LeafFacts>();

/** Adds the facts to a schema. Defaults come before: what a variable gives is text, and is turned into a value first. */
export function leaf<S extends z.ZodType>(schema: S, facts: LeafFacts): S {
  LEAF_FACTS.add(schema, facts);
  return schema;
}

/** A whole number, also as a variable gives it. */
export function wholeNumber(min: number, max: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

export function flag() {
  return z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
}

/** Texts: an array or, as a variable gives them, separated by commas. */
export function listOf<T extends string>(item: z.ZodType<T>) {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item),
  );
}

/** A URL of one of these schemes, e.g. `redis:`. */
export function urlOf(...schemes: readonly string[]) {
  return z.string().refine((text) => {
    const url = URL.parse(text);
    return url !== null && schemes.includes(url.protocol) && url.hostname !== '';
  });
}

export const rangeText = (min: number, max: number): string =>
  `a whole number from ${String(min)} to ${String(max)}`;

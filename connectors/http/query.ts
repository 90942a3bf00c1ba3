import type { z } from 'zod';
import type { FieldProblem } from './errors.ts';

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fields: readonly FieldProblem[] };

/** More than a person mends at a time; a body full of unknown keys must not be answered by one many times its size. */
const MAX_PROBLEMS = 50;

/** Checks input against a schema and names every field that is wrong, those that are not known included, up to a bound. */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, fields: result.error.issues.flatMap(fieldProblems).slice(0, MAX_PROBLEMS) };
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((field) => ({ field, message: 'is not known here' }));
  }
  const field = String(issue.path[0] ?? 'body');
  return [{ field, message: issue.message }];
}

/** `status, limit`: the fields by name, for a problem's detail. */
export function namesOf(fields: readonly FieldProblem[]): string {
  return [...new Set(fields.map(({ field }) => field))].join(', ');
}

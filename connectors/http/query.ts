import type { z } from 'zod';
import type { FieldProblem } from './errors.ts';

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fields: readonly FieldProblem[] };

/** Checks input against a schema and names every field that is wrong, those that are not known included. */
export function check<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, fields: result.error.issues.flatMap(fieldProblems) };
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((field) => ({ field, message: 'is not known here' }));
  }
  const field = String(issue.path[0] ?? '');
  return [{ field, message: issue.message }];
}

/** `status, limit`: the fields by name, for a problem's detail. */
export function namesOf(fields: readonly FieldProblem[]): string {
  return [...new Set(fields.map(({ field }) => field))].join(', ');
}

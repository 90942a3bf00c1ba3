/** Why an attempt failed. */
export interface Failure {
  readonly reason: string;
  /** The error's own, which stays the same where messages change; undefined where it has none. */
  readonly code: string | undefined;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { reason: String(error), code: undefined };
  const { message: reason, code } = error as Error & { readonly code?: unknown };
  return { reason, code: typeof code === 'string' ? code : undefined };
}

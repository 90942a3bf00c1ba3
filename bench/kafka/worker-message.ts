/** What a worker, ours or the peer, says on its standard output: one JSON object a line. */
export type WorkerMessage =
  | { readonly type: 'joined'; readonly atMs: number }
  | { readonly type: 'first-record'; readonly atMs: number }
  /** Said at the end: transactions committed, and how long one took on average. */
  | { readonly type: 'commits'; readonly commits: number; readonly meanCommitMs: number };

/** Undefined for a line that is no message. */
export function parseWorkerMessage(line: string): WorkerMessage | undefined {
  if (!line.startsWith('{')) return undefined;
  return JSON.parse(line) as WorkerMessage;
}

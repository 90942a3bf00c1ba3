/** What the runtime tells those who keep a log or count. `task` is `<sub-topology>_<partition>`. */
export type RuntimeEvent =
  | { readonly type: 'joined'; readonly generation: number; readonly tasks: readonly string[] }
  | { readonly type: 'rebalancing' }
  | { readonly type: 'task-opened'; readonly task: string; readonly state: 'new' | 'reused' | 'rebuilt' }
  | { readonly type: 'state-discarded'; readonly task: string; readonly reason: string }
  | {
      readonly type: 'restored';
      readonly task: string;
      readonly store: string;
      readonly records: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'committed';
      readonly task: string;
      readonly records: number;
      readonly durationMs: number;
    }
  | {
      /** The input that a store is rebuilt from begins later than the store's memory: what lay before is forgotten. */
      readonly type: 'rebuild-shortened';
      readonly task: string;
      readonly topic: string;
      readonly wantedOffset: number;
      readonly startOffset: number;
    }
  | { readonly type: 'task-lost'; readonly task: string; readonly reason: string }
  | { readonly type: 'task-closed'; readonly task: string }
  | { readonly type: 'retrying'; readonly what: string; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string };

/** What a task is doing, for health checks and metrics. */
export interface TaskStatus {
  readonly id: string;
  readonly state: 'opening' | 'restoring' | 'running';
  /** Records of the input that are not processed yet, as far as is known. */
  readonly lag: number;
  /** While a store is being restored: how far it has come, and how long the rest may take. */
  readonly restore:
    | {
        readonly store: string;
        readonly restored: number;
        readonly remaining: number;
        readonly estimateMs: number | undefined;
      }
    | undefined;
  readonly counters: Readonly<Record<string, number>>;
}

import type { StoreRecovery } from '@incident-streams/streams';
import type { FaultTopics } from './fault-topology.ts';

/** What a worker is started with, as JSON in its first argument. */
export interface WorkerSettings {
  readonly brokers: readonly string[];
  readonly applicationId: string;
  readonly topics: FaultTopics;
  readonly stateDirectory: string;
  readonly dedupeRecovery: StoreRecovery;
  readonly guarantee: 'exactly-once' | 'at-least-once';
  readonly replicationFactor: number;
  readonly sessionTimeoutMs: number;
  readonly transactionTimeoutMs: number;
}

/** The steps of a commit that a worker can be stopped at: written but not committed, committed but not applied. */
export type CommitStep = 'sent' | 'committed' | 'applied';

/** What the parent writes to a worker's standard input, a line each. */
export type WorkerCommand =
  /** Join the group. */
  | { readonly type: 'start' }
  /** Stop this process (SIGSTOP) the next time that a commit takes this step; says so before. */
  | { readonly type: 'stop-at'; readonly step: CommitStep }
  /** Write stores and counters to this file, as `WorkerDump`. */
  | { readonly type: 'dump'; readonly file: string }
  /** Leave the group in peace; `start` may follow. */
  | { readonly type: 'close' };

/** What a worker says on its standard output, a line each. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'started' }
  | { readonly type: 'stopping'; readonly task: string; readonly step: CommitStep }
  | { readonly type: 'dumped' }
  | { readonly type: 'closed' }
  | { readonly type: 'runtime'; readonly event: { readonly type: string } }
  | { readonly type: 'failed'; readonly reason: string };

import type { Alert } from '../../schemas/alert.ts';

/** An alert as Redis publishes and keeps it. */
export interface RedisAlert extends Alert {
  /** Where to go on reading in the partition's stream of alerts, after this one. */
  readonly stream: { readonly partition: number; readonly id: string };
}

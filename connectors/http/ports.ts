import type { Alert } from '../../schemas/alert.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import type { IncidentReader } from './incident-ports.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** Everything the HTTP API needs from the program it is part of. It knows nothing else of the pipeline. */
export interface HttpPorts {
  readonly incidents: IncidentReader;
  readonly events: EventIngest;
  readonly commands: CommandIngest;
  readonly alerts: AlertFeed;
  readonly ledger: LedgerReader;
  readonly readiness: Readiness;
}

/** Where a record was appended. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Takes events in. A promise that resolves means that the events are durable. */
export interface EventIngest {
  /** @throws {IngestOverloadedError} when more is under way than the log takes; nothing was taken. */
  append(event: IncidentEvent): Promise<RecordPlace>;
  /**
   * All of them or none; the places come in the order of the events.
   * @throws {IngestOverloadedError} when more is under way than the log takes; nothing was taken.
   */
  appendMany(events: readonly IncidentEvent[]): Promise<readonly RecordPlace[]>;
  /**
   * Asked before a body is read; without it, room is only looked for when events are appended.
   * @throws {IngestOverloadedError} when nothing more is taken right now.
   */
  requireRoom?(): void;
  /**
   * Reads one event from Avro: in the Confluent wire format of any schema that the registry knows, or, where the bytes
   * do not begin with a zero, as the bare value in the current schema. What its fields hold is not looked at.
   * @throws {DeserializationError} when the bytes hold no event.
   */
  readAvro(bytes: Uint8Array): MaybePromise<IncidentEvent>;
}

/** Takes operators' commands in, on their way to the partition of the incident they are about. */
export interface CommandIngest {
  append(command: OperatorCommand): Promise<RecordPlace>;
}

/**
 * The alerts of every partition as one feed. A position is a string that names one offset in each partition
 * (`encodeAlertPosition`), so that a subscriber can go on from the last one it saw.
 */
export interface AlertFeed {
  /** The position behind the last alert so far. */
  position(): MaybePromise<string>;
  /**
   * Delivers every alert after the position, then each new one as it happens, none twice. The returned function
   * ends the subscription; afterwards `onAlert` is not called any more.
   * A feed with much to catch up on should let the event loop run between batches, so that they can be sent.
   * @throws {AlertPositionError} synchronously, before the first alert, when it cannot go on from `after`.
   */
  open(after: string, onAlert: (placed: PlacedAlert) => void): () => void;
}

/** An alert with its place in the feed. */
export interface PlacedAlert {
  /** The position just behind the alert, to resume from after it: printable ASCII, no spaces. */
  readonly position: string;
  readonly alert: Alert;
}

/** What became of the events of one partition. `received` is counted on its own, never derived from the others. */
export interface LedgerCounts {
  readonly received: number;
  readonly applied: number;
  readonly duplicates: number;
  readonly late: number;
  readonly deadLettered: number;
}

export interface PartitionLedger extends LedgerCounts {
  readonly partition: number;
}

export interface LedgerReader {
  partitions(): MaybePromise<readonly PartitionLedger[]>;
}

/** `off` is a part that was left out on purpose or cannot run here; the service is ready without it. */
export type PartState = 'ready' | 'starting' | 'off' | 'failed';

export interface PartReadiness {
  readonly name: string;
  readonly state: PartState;
  /** Why it is in this state, for a person; null where there is nothing to say. */
  readonly reason: string | null;
}

export interface Readiness {
  parts(): MaybePromise<readonly PartReadiness[]>;
}

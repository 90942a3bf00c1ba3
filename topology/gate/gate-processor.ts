import type {
  DedupeStore,
  Processor,
  ProcessorContext,
  StoreBuilder,
  StreamRecord,
} from '@incident-streams/streams';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import { correlationKeyOf } from '../correlation.ts';
import { CommandRefusedError, EventRejectedError } from '../errors.ts';
import { LEDGER } from '../ledger.ts';
import type { Limits } from '../rules/rule.ts';
import { classify } from './classify.ts';
import { UNBELIEVED_TIME } from './inbox-time.ts';
import { NO_VALUE } from './require-value.ts';
import { invalidCommandReason } from './validate-command.ts';

/** What the gate lets through. */
export type Admitted =
  | { readonly type: 'event'; readonly event: IncidentEvent }
  | { readonly type: 'late'; readonly event: IncidentEvent }
  | { readonly type: 'command'; readonly command: OperatorCommand };

/** How often, in records, and how many ids that are out of reach the memory of ids forgets. */
const EXPIRE_EVERY = 100;
const EXPIRE_AT_MOST = 250;

/**
 * Puts every event into one bucket of the ledger, and counts it there, in the commit that it belongs to. Ticks end
 * here: by moving stream time they have done their work.
 */
export class GateProcessor implements Processor<string, InboxEntry, string, Admitted> {
  readonly #limits: Limits;
  readonly #seenStore: StoreBuilder<DedupeStore>;
  #context!: ProcessorContext<string, Admitted>;
  #seen!: DedupeStore;
  #sinceExpiry = 0;

  constructor(limits: Limits, seenStore: StoreBuilder<DedupeStore>) {
    this.#limits = limits;
    this.#seenStore = seenStore;
  }

  init(context: ProcessorContext<string, Admitted>): void {
    this.#context = context;
    this.#seen = context.store(this.#seenStore);
  }

  process(record: StreamRecord<string, InboxEntry>): void {
    const entry = record.value as InboxEntry | null;
    if (entry === null) {
      this.#context.count(LEDGER.received);
      return this.#reject(NO_VALUE);
    }
    switch (entry.type) {
      case 'event':
        return this.#judge(record, entry.event);
      case 'command':
        return this.#admitCommand(record, entry.command);
      case 'tick':
        return;
    }
  }

  #judge(record: StreamRecord<string, InboxEntry>, event: IncidentEvent): void {
    const context = this.#context;
    context.count(LEDGER.received);
    this.#expireSometimes();
    if (record.key !== correlationKeyOf(event)) {
      const expected = correlationKeyOf(event);
      return this.#reject(
        `the record's key is '${record.key}', but the event's service, component and fingerprint say '${expected}'`,
      );
    }
    // The length keeps source and id apart, whatever characters they have.
    const name = `${event.source.length} ${event.source}${event.id}`;
    const believed = record.timestamp !== UNBELIEVED_TIME;
    const seen = believed && !this.#seen.add(name, event.time);
    const facts = {
      receivedAt: context.receivedAtMs() ?? event.time,
      streamTime: context.streamTimeMs(),
      seen,
    };
    const verdict = classify(event, facts, this.#limits);
    switch (verdict.outcome) {
      case 'rejected':
        return this.#reject(verdict.reason);
      case 'duplicate':
        return context.count(LEDGER.duplicate);
      case 'late':
        context.count(LEDGER.late);
        return context.forward({ ...record, value: { type: 'late', event } });
      case 'applied':
        context.count(LEDGER.applied);
        return context.forward({ ...record, value: { type: 'event', event } });
    }
  }

  #reject(reason: string): void {
    this.#context.count(LEDGER.rejected);
    this.#context.deadLetter(new EventRejectedError(reason));
  }

  #admitCommand(record: StreamRecord<string, InboxEntry>, command: OperatorCommand): void {
    const reason = invalidCommandReason(command);
    if (reason === null) this.#context.forward({ ...record, value: { type: 'command', command } });
    else this.#context.deadLetter(new CommandRefusedError(reason));
  }

  #expireSometimes(): void {
    if (++this.#sinceExpiry < EXPIRE_EVERY) return;
    this.#sinceExpiry = 0;
    this.#seen.expire(this.#context.streamTimeMs(), EXPIRE_AT_MOST);
  }
}

import type {
  DedupeStore,
  Processor,
  ProcessorContext,
  StoreBuilder,
  StreamRecord,
} from '@incident-streams/streams';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
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
import type { Outcome, Verdict } from './verdict.ts';

/** What the gate hands on: its verdict on each event, whatever it is, and the commands that are sound. */
export type Judged =
  | { readonly type: 'verdict'; readonly verdict: EventVerdict }
  | { readonly type: 'command'; readonly command: OperatorCommand };

/** How often, in records, and how many ids that are out of reach the memory of ids forgets. */
const EXPIRE_EVERY = 100;
const EXPIRE_AT_MOST = 250;

/** UTF-16 units of a key that a reason shows: nothing has looked at its length yet. */
const MAX_SHOWN_CHARS = 256;

const OUTCOMES: Readonly<Record<Outcome, EventVerdict['outcome']>> = {
  applied: 'APPLIED',
  duplicate: 'DUPLICATE',
  late: 'LATE',
  rejected: 'REJECTED',
};

/**
 * Puts every event into one bucket of the ledger, and counts it there, in the commit that it belongs to. Ticks end
 * here: by moving stream time they have done their work.
 */
export class GateProcessor implements Processor<string, InboxEntry, string, Judged> {
  readonly #limits: Limits;
  readonly #seenStore: StoreBuilder<DedupeStore>;
  #context!: ProcessorContext<string, Judged>;
  #seen!: DedupeStore;
  #sinceExpiry = 0;

  constructor(limits: Limits, seenStore: StoreBuilder<DedupeStore>) {
    this.#limits = limits;
    this.#seenStore = seenStore;
  }

  init(context: ProcessorContext<string, Judged>): void {
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
    const key = correlationKeyOf(event);
    const verdict = record.key === key ? this.#classify(record, event) : wrongKey(record.key, key);
    context.count(LEDGER[verdict.outcome]);
    const reason = verdict.outcome === 'applied' ? null : verdict.reason;
    if (verdict.outcome === 'rejected') context.deadLetter(new EventRejectedError(verdict.reason));
    context.forward({
      ...record,
      key,
      // A verdict on an event whose time nobody believes happens when the event came.
      timestamp: record.timestamp === UNBELIEVED_TIME ? (this.#receivedAt() ?? 0) : record.timestamp,
      value: { type: 'verdict', verdict: this.#verdictOf(event, OUTCOMES[verdict.outcome], reason) },
    });
  }

  #classify(record: StreamRecord<string, InboxEntry>, event: IncidentEvent): Verdict {
    // The length keeps source and id apart, whatever characters they have.
    const name = `${event.source.length} ${event.source}${event.id}`;
    const believed = record.timestamp !== UNBELIEVED_TIME;
    const seen = believed && !this.#seen.add(name, event.time);
    const facts = {
      receivedAt: this.#context.receivedAtMs() ?? event.time,
      streamTime: this.#context.streamTimeMs(),
      seen,
    };
    return classify(event, facts, this.#limits);
  }

  #verdictOf(event: IncidentEvent, outcome: EventVerdict['outcome'], reason: string | null): EventVerdict {
    const position = this.#context.position();
    if (position === undefined) throw new TypeError('an event without a position');
    const { partition, offset } = position;
    const receivedAt = this.#receivedAt();
    return { outcome, reason, receivedAt, inboxPartition: partition, inboxOffset: offset, event };
  }

  /** Kafka has -1 where no time was noted. */
  #receivedAt(): number | null {
    const receivedAt = this.#context.receivedAtMs();
    return receivedAt === undefined || receivedAt < 0 ? null : receivedAt;
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

function wrongKey(found: string | null, expected: string): Verdict {
  const reason =
    `the record's key is '${shown(found ?? '')}', but the event's service, component and fingerprint ` +
    `say '${shown(expected)}'`;
  return { outcome: 'rejected', reason };
}

function shown(key: string): string {
  return key.length > MAX_SHOWN_CHARS ? `${key.slice(0, MAX_SHOWN_CHARS)}…` : key;
}

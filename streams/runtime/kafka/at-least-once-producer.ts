import type {
  CommittedOffset,
  GroupMember,
  PlacedRecord,
  PlainProducer,
  TransactionalProducer,
  WrittenRange,
} from './ports.ts';

/** Writes first and commits the offsets afterwards: what was written may be written again, but nothing is left out. */
export class AtLeastOnceProducer implements TransactionalProducer {
  readonly #producer: PlainProducer;
  readonly #member: GroupMember;

  constructor(producer: PlainProducer, member: GroupMember) {
    this.#producer = producer;
    this.#member = member;
  }

  send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]> {
    return this.#producer.send(records);
  }

  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    return this.#member.commit(offsets);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

import type { LogRecord } from '@incident-streams/streams';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import { TOPICS } from '../../../topology/topics.ts';
import { decoded, isUnreadable } from '../comparing/decoded.ts';
import { OffsetSet } from '../comparing/offset-set.ts';
import { NOTHING } from '../finding.ts';
import type { Finder, Finding } from '../finding.ts';
import { processedUpTo } from '../reading/processed-up-to.ts';
import type { SettledRange } from '../reading/settled-range.ts';
import { nameOf } from '../reading/topic-reader.ts';
import type { VerifyParts } from '../verify-parts.ts';

/**
 * Every event of the inbox has exactly one verdict; what no verdict could be given on, since it could not be read or
 * kept, is in the dead letters.
 */
export async function checkLedger(parts: VerifyParts): Promise<Finding[]> {
  const ledger = new Ledger(parts);
  await ledger.readInboxEnds();
  await ledger.readVerdicts();
  await ledger.readDeadLetters();
  const events = await ledger.checkInbox();
  return [
    ledger.finder.finish(`${events} inbox records against ${ledger.verdicts} verdicts and the dead letters`),
  ];
}

/** What is known of one partition of the inbox. */
interface InboxPartition {
  readonly place: TopicPartition;
  /** Everything before it has been processed. */
  readonly processed: number;
  readonly judged: OffsetSet;
  readonly dead: OffsetSet;
  held: SettledRange;
}

class Ledger {
  readonly finder: Finder;
  readonly #parts: VerifyParts;
  readonly #inbox: InboxPartition[] = [];
  #verdicts = 0;
  /** Whether the beginning of the verdicts, or of the dead letters, has been deleted. */
  #beginningGone = { verdicts: false, deadLetters: false };

  constructor(parts: VerifyParts) {
    this.#parts = parts;
    this.finder = parts.finder('ledger');
  }

  get verdicts(): number {
    return this.#verdicts;
  }

  /** Before anything else: what is processed then is in the topics that are read afterwards. */
  async readInboxEnds(): Promise<void> {
    const { partitions } = this.#parts.topic(TOPICS.inbox);
    for (let partition = 0; partition < partitions; partition++) {
      const place = this.#parts.place(TOPICS.inbox, partition);
      const processed = await processedUpTo(this.#parts, place, this.finder);
      const sets = { judged: new OffsetSet(), dead: new OffsetSet() };
      this.#inbox.push({ place, processed, ...sets, held: await this.#parts.range(place) });
    }
  }

  async readVerdicts(): Promise<void> {
    const { eventVerdict } = this.#parts.sources.serdes;
    this.#beginningGone.verdicts = await this.#readAll(TOPICS.verdicts, (record) => {
      const verdict = decoded(record, eventVerdict);
      if (verdict === null || isUnreadable(verdict))
        return this.finder.differ({ at: positionOf(record), expected: 'a verdict', found: 'no verdict' });
      this.#verdicts += 1;
      const { inboxPartition, inboxOffset } = verdict;
      const isFirst = this.#inbox[inboxPartition]?.judged.add(inboxOffset);
      if (isFirst === true) return;
      const expected =
        isFirst === undefined ? 'a verdict on a record of the inbox' : 'one verdict on each event';
      const found = `${verdict.outcome} on inbox partition ${inboxPartition} offset ${inboxOffset}`;
      this.finder.differ({ at: positionOf(record), expected, found });
    });
    for (const inbox of this.#inbox) inbox.held = await this.#parts.range(inbox.place);
  }

  async readDeadLetters(): Promise<void> {
    this.#beginningGone.deadLetters = await this.#readAll(TOPICS.deadLetters, (record) => {
      const source = sourceOf(record);
      if (source?.topic === TOPICS.inbox) this.#inbox[source.partition]?.dead.add(source.offset);
    });
  }

  /** How many records it has looked at. */
  async checkInbox(): Promise<number> {
    let events = 0;
    for (const inbox of this.#inbox) events += await this.#checkPartition(inbox);
    return events;
  }

  async #checkPartition({ place, processed, judged, dead, held }: InboxPartition): Promise<number> {
    const from = this.#beginningGone.verdicts
      ? Math.max(held.start, judged.smallest ?? processed)
      : held.start;
    if (from > 0)
      this.finder.couldNotCheck(
        `${nameOf(place)} can be checked from offset ${from} on: before it, records have been deleted`,
      );
    let events = 0;
    const inInbox = new OffsetSet();
    for await (const records of this.#parts.read(place, { from, to: processed })) {
      for (const record of records) {
        events += 1;
        inInbox.add(record.offset);
        this.#checkRecord(record, { judged, dead });
      }
    }
    this.#checkStrays({ place, judged, inInbox }, { from, to: processed });
    return events;
  }

  #checkRecord(record: LogRecord, { judged, dead }: Pick<InboxPartition, 'judged' | 'dead'>): void {
    if (judged.has(record.offset) || dead.has(record.offset)) return;
    const entry = decoded(record, this.#parts.sources.serdes.inboxEntry);
    const needsVerdict = entry !== null && !isUnreadable(entry) && entry.type === 'event';
    const needsNothing = entry !== null && !isUnreadable(entry) && entry.type !== 'event';
    if (needsNothing) return;
    if (!needsVerdict && this.#beginningGone.deadLetters)
      return this.finder.couldNotCheck('the beginning of the dead letters has been deleted');
    const expected = needsVerdict ? 'a verdict' : 'a dead letter';
    this.finder.differ({ at: positionOf(record), expected, found: NOTHING });
  }

  /** Verdicts on what is not in the inbox. */
  #checkStrays(
    {
      place,
      judged,
      inInbox,
    }: { readonly place: TopicPartition; readonly judged: OffsetSet; readonly inInbox: OffsetSet },
    { from, to }: { readonly from: number; readonly to: number },
  ): void {
    for (let offset = from; offset < to; offset++) {
      if (!judged.has(offset) || inInbox.has(offset)) continue;
      this.finder.differ({
        at: `${nameOf(place)}@${offset}`,
        expected: 'no verdict: no record is there',
        found: 'a verdict',
      });
    }
  }

  /** Whether the topic's beginning has been deleted. */
  async #readAll(topic: string, receive: (record: LogRecord) => void): Promise<boolean> {
    const { partitions } = this.#parts.topic(topic);
    let isBeginningGone = false;
    for (let partition = 0; partition < partitions; partition++) {
      const place = this.#parts.place(topic, partition);
      const { start, end } = await this.#parts.range(place);
      isBeginningGone ||= start > 0;
      for await (const records of this.#parts.read(place, { from: start, to: end })) records.forEach(receive);
    }
    return isBeginningGone;
  }
}

function positionOf(record: LogRecord): string {
  const key = record.key === null ? '(no key)' : Buffer.from(record.key).toString('utf8');
  return `${nameOf(record)}@${record.offset} ${key}`;
}

/** Where a dead letter comes from: names of headers as in KIP-1034. The last of several is that of the last who gave it up. */
function sourceOf({ headers }: LogRecord): { topic: string; partition: number; offset: number } | undefined {
  const valueOf = (name: string): string | undefined => {
    const header = headers.findLast((one) => one.name === `__streams.errors.${name}`);
    return header && Buffer.from(header.value).toString('utf8');
  };
  const topic = valueOf('topic');
  if (topic === undefined) return undefined;
  return { topic, partition: Number(valueOf('partition')), offset: Number(valueOf('offset')) };
}

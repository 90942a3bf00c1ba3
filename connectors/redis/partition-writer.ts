import type { SinkBatch, SinkSource } from '@incident-streams/streams';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { foldBatch } from './fold-batch.ts';
import type { TransitionRecord } from './fold-batch.ts';
import { describeTime, halfWritten, lost, otherTopic } from './partition-errors.ts';
import type { PlaceOfPartition } from './partition-errors.ts';
import type { RedisLink } from './redis-connection.ts';
import { RedisCommandError, RedisForbiddenError } from './redis-errors.ts';
import type { PartitionKeys } from './redis-keys.ts';
import { runScript } from './redis-scripts.ts';
import type { ScriptAnswer } from './redis-scripts.ts';
import { writeSnapshot } from './write-snapshot.ts';
import type { IncidentSnapshot } from './write-snapshot.ts';

export interface PartitionWriterOptions {
  readonly link: RedisLink;
  readonly source: SinkSource;
  readonly partition: number;
  readonly keys: PartitionKeys;
  readonly alertChannel: string;
  readonly maxStreamEntries: number;
  readonly maxRecordsPerScript: number;
}

/** Consecutive records that one script call applies. */
interface Slice {
  readonly records: readonly TransitionRecord[];
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly mode: 'live' | 'restore';
}

/** Writes one partition, and knows what Redis has confirmed of it. */
export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  readonly #place: PlaceOfPartition;
  #confirmed = -1;
  #stateOffset = -1;
  /** A batch has met a snapshot that nobody has finished since. */
  #metHalfSnapshot = false;

  constructor(options: PartitionWriterOptions) {
    const { source, partition, keys } = options;
    this.#options = options;
    this.#place = { source, partition, key: keys.applied };
  }

  /** Makes the partition's keys belong to the topic and learns its mark. */
  async claim(): Promise<number> {
    const { link, source, keys, alertChannel } = this.#options;
    const starts = [keys.incident(''), keys.openOf(''), keys.next.openOf('')];
    const [outcome, detail, second] = await runScript(
      link,
      'claimPartition',
      [...keys.fixed, ...keys.next.fixed],
      [source.topic, source.topicEpoch, ...starts, alertChannel, this.#metHalfSnapshot ? 1 : 0],
    );
    if (outcome === 'DENIED') throw new RedisForbiddenError(`PUBLISH ${detail}: the Redis user may not`);
    if (outcome === 'OTHER') throw otherTopic(this.#place, `${detail} first seen at ${describeTime(second)}`);
    this.#metHalfSnapshot = false;
    this.#confirmed = Number(detail);
    this.#stateOffset = Number(second);
    return this.#confirmed;
  }

  async writeSnapshot(snapshot: IncidentSnapshot): Promise<void> {
    const { link, keys, maxRecordsPerScript } = this.#options;
    const target = { ...this.#place, link, keys, confirmed: this.#confirmed };
    await writeSnapshot(snapshot, { ...target, maxIncidentsPerScript: maxRecordsPerScript });
    this.#stateOffset = snapshot.upToOffset;
  }

  async write(batch: SinkBatch<string, IncidentTransition>): Promise<void> {
    const { records, mode } = batch;
    const step = this.#options.maxRecordsPerScript;
    for (let from = 0; from === 0 || from < records.length; from += step) {
      const some = records.slice(from, from + step);
      const isLast = from + step >= records.length;
      const lastOffset = isLast ? batch.lastOffset : (some.at(-1)?.offset ?? batch.lastOffset);
      await this.#apply({ records: some, firstOffset: some[0]?.offset ?? lastOffset, lastOffset, mode });
    }
  }

  /** Applies what lies above the mark; further rounds are needed only where Redis holds some of it already. */
  async #apply(slice: Slice): Promise<void> {
    let newer: ReadonlySet<string> | undefined;
    for (;;) {
      const [outcome, ...details] = await this.#send(slice, newer);
      switch (outcome) {
        case 'APPLIED':
          this.#confirmed = Number(details[0]);
          return;
        case 'REFOLD':
          [this.#confirmed, this.#stateOffset] = [Number(details[0]), Number(details[1])];
          break;
        case 'NEWER':
          newer = new Set([...(newer ?? []), ...details.map(String)]);
          break;
        default:
          throw this.#refusal(outcome, details);
      }
    }
  }

  #send(slice: Slice, newer: ReadonlySet<string> | undefined): Promise<ScriptAnswer> {
    const { link, source, partition, keys, maxStreamEntries, alertChannel } = this.#options;
    const confirmed = this.#confirmed;
    const isFresh = confirmed < slice.firstOffset;
    const records = isFresh ? slice.records : slice.records.filter(({ offset }) => offset > confirmed);
    const firstOffset = Math.max(records[0]?.offset ?? slice.lastOffset, confirmed + 1);
    const stateOffset = this.#stateOffset;
    const context = { keys, partition, topicEpoch: source.topicEpoch, stateOffset };
    const folded = foldBatch(records, newer === undefined ? context : { ...context, newer });
    const header = [source.topicEpoch, firstOffset, slice.lastOffset, confirmed, stateOffset, slice.mode];
    const limits = [maxStreamEntries, alertChannel, keys.startOfIncidentId];
    return runScript(link, 'applyBatch', folded.keys, [
      ...header,
      ...limits,
      ...folded.counts,
      ...folded.args,
    ]);
  }

  #refusal(outcome: string, [detail]: readonly (string | number)[]): Error {
    if (outcome === 'OTHER') return otherTopic(this.#place, `a topic first seen at ${describeTime(detail)}`);
    if (outcome === 'LOST') return lost(this.#place, { applied: Number(detail), confirmed: this.#confirmed });
    if (outcome !== 'HALFWAY') return new RedisCommandError(`applyBatch: unexpected answer ${outcome}`);
    this.#metHalfSnapshot = true;
    return halfWritten(this.#place);
  }
}

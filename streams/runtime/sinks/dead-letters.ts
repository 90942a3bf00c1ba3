import { SinkDeadLetterError, formatPosition } from '../../errors.ts';
import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkSource } from '../../ports/sink-connector.ts';
import { deadLetterOf } from '../../records/dead-letter.ts';
import type { OutgoingRecord } from '../../records/record.ts';
import type { BatchesUnderWay } from './batches-under-way.ts';

/** Where a runtime puts what nobody takes. */
export interface DeadLetterTopic {
  readonly topic: string;
  /** The record is durable when it has returned or resolved. */
  readonly send: (record: OutgoingRecord) => void | Promise<void>;
}

/** `SinkSource.deadLetter` of one sink. */
export function deadLetterInto(
  deadLetters: DeadLetterTopic | undefined,
  { binding, batches }: { readonly binding: SinkBinding; readonly batches: BatchesUnderWay },
): SinkSource['deadLetter'] {
  const { connector, topic } = binding;
  return async (place, error) => {
    const position = formatPosition({ topic, ...place });
    if (deadLetters === undefined)
      throw new SinkDeadLetterError(
        `${position}: the sink "${connector}" gives the record up, but the topology declares no dead-letter topic`,
        { cause: error },
      );
    if (deadLetters.topic === topic)
      throw new SinkDeadLetterError(
        `${position}: the sink "${connector}" gives up a dead letter, which would come back to it for ever`,
        { cause: error },
      );
    const record = batches.find(place);
    if (record === undefined)
      throw new SinkDeadLetterError(
        `${position}: the sink "${connector}" gives up a record that it is not writing at the moment`,
        { cause: error },
      );
    await deadLetters.send(deadLetterOf(deadLetters.topic, record, error));
  };
}

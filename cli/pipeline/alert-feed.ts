import { AlertPositionError, decodeAlertPosition, encodeAlertPosition } from '../../connectors/http/index.ts';
import type { AlertFeed } from '../../connectors/http/index.ts';
import { alertOf } from '../../schemas/alert.ts';
import { TOPICS } from '../../topology/topics.ts';
import { followTopic } from './follow-topic.ts';
import type { Pipeline } from './pipeline.ts';

/** The alerts straight from the transitions topic, so that no subscriber depends on Redis. */
export function createAlertFeed({ runtime, serdes }: Pipeline): AlertFeed {
  const topic = TOPICS.transitions;
  const ends = (): number[] => {
    return Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) =>
      runtime.endOffset(topic, partition),
    );
  };
  return {
    position: () => encodeAlertPosition(ends()),
    open: (after, onAlert) => {
      const from = decodeAlertPosition(after, runtime.partitionsOf(topic));
      if (ends().some((end, partition) => (from[partition] ?? 0) > end)) {
        throw new AlertPositionError(
          `The position ${after} lies behind the end of the alerts: they may have begun anew since.`,
        );
      }
      return followTopic(runtime, {
        topic,
        from,
        onRecord: (record, nextOffsets) => {
          if (record.value === null) return;
          const alert = alertOf(serdes.incidentTransition.deserialize(record.value));
          if (alert !== null) onAlert({ position: encodeAlertPosition(nextOffsets), alert });
        },
      });
    },
  };
}

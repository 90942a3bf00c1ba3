import type { OutgoingRecord } from '@incident-streams/streams';
import { partitionForKey } from '@incident-streams/streams';
import { TaskReplay } from '@incident-streams/streams/test-driver';
import { TOPICS } from '../../../topology/topics.ts';
import { RecordCursor } from '../comparing/record-cursor.ts';
import type { Finder, Finding } from '../finding.ts';
import { nameOf } from '../reading/topic-reader.ts';
import { processedUpTo } from '../reading/processed-up-to.ts';
import type { VerifyParts } from '../verify-parts.ts';
import { TransitionMatcher } from './transition-matcher.ts';

/**
 * Decides everything anew from the inbox, and compares it with the transitions, record by record. What has not been
 * processed yet is not missed.
 */
export async function checkTransitions(parts: VerifyParts): Promise<Finding[]> {
  const finder = parts.finder('transitions');
  const partitions = parts.partitionsOf(TOPICS.inbox, TOPICS.transitions);
  const seen = { inbox: 0, transitions: 0 };
  for (let partition = 0; partition < partitions; partition++) {
    await checkPartition(parts, partition, { finder, partitions, seen });
  }
  return [finder.finish(`${seen.transitions} transitions against ${seen.inbox} inbox records, decided anew`)];
}

interface Into {
  readonly finder: Finder;
  readonly partitions: number;
  readonly seen: { inbox: number; transitions: number };
}

async function checkPartition(
  parts: VerifyParts,
  partition: number,
  { finder, partitions, seen }: Into,
): Promise<void> {
  const [inbox, transitions] = [
    parts.place(TOPICS.inbox, partition),
    parts.place(TOPICS.transitions, partition),
  ];
  // In this order: what is processed has its transitions before their end, and these their causes before the inbox's.
  const processed = await processedUpTo(parts, inbox, finder);
  const written = await parts.range(transitions);
  const received = await parts.range(inbox);
  for (const [place, { start }] of [
    [inbox, received],
    [transitions, written],
  ] as const) {
    if (start === 0) continue;
    return finder.couldNotCheck(
      `${nameOf(place)} begins at offset ${start}: what came before has been deleted`,
    );
  }

  const replay = new TaskReplay(parts.sources.declared.topology, { topic: TOPICS.inbox, partition });
  const matcher = new TransitionMatcher({
    place: transitions,
    actual: new RecordCursor(parts.read(transitions, { from: 0, to: written.end })),
    causes: { partition, processed, end: received.end },
    serde: parts.sources.serdes.incidentTransition,
    ruleSet: parts.sources.ruleSet,
    finder,
  });
  const isStray = ({ key }: OutgoingRecord): boolean =>
    key !== null && partitionForKey(key, partitions) !== partition;
  let inboxRecords = 0;
  try {
    for await (const records of parts.read(inbox, { from: 0, to: received.end })) {
      inboxRecords += records.length;
      for (const record of replay.process(records)) {
        if (record.topic !== TOPICS.transitions) continue;
        if (!isStray(record)) await matcher.expect(record);
        else
          finder.couldNotCheck(
            `${nameOf(inbox)} holds keys of other partitions: ${Buffer.from(record.key ?? []).toString('utf8')}`,
          );
      }
      if (matcher.hasGivenUp) return;
    }
    await matcher.end();
  } finally {
    seen.inbox += inboxRecords;
    seen.transitions += matcher.compared;
    await matcher.close();
  }
}

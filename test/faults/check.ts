import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerView } from './broker-view.ts';
import { outputProblems } from './check-outputs.ts';
import { openEndProblems, progressProblems, taskProblems, transactionProblems } from './check-progress.ts';
import { contentProblems, storeProblems } from './check-stores.ts';
import type { StoreDump } from './check-stores.ts';
import { committedRecords } from './committed-records.ts';
import type { CommittedRecord } from './committed-records.ts';
import { REPARTITION, STORES } from './fault-topology.ts';
import type { FaultTopics } from './fault-topology.ts';
import { referenceFold } from './reference-fold.ts';
import type { Expected, InboxRecord } from './reference-fold.ts';

export interface WorkerDump {
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly stores: Readonly<Record<keyof typeof STORES, StoreDump>>;
}

export interface CheckInput {
  readonly view: BrokerView;
  readonly applicationId: string;
  readonly topics: FaultTopics;
  /** What the workers that are left hold at the end. */
  readonly dumps: readonly WorkerDump[];
}

export interface CheckResult {
  readonly problems: string[];
  /** How much there was to compare: a check of nothing finds nothing. */
  readonly seen: {
    readonly inbox: number;
    readonly duplicates: number;
    readonly late: number;
    readonly windows: number;
    readonly changes: number;
  };
}

const SHOWN = 10;
/** How long the markers of the last transactions may be under way: far less than the time-out of a transaction. */
const SETTLE_MS = 3_000;

/** Everything that must hold after a fault, asked of the brokers and of what the workers hold. */
export async function check({ view, applicationId, topics, dumps }: CheckInput): Promise<CheckResult> {
  const repartition = `${applicationId}-${REPARTITION}`;
  const changelogs = Object.values(STORES).map((store) => `${applicationId}-${store}-changelog`);
  const open = await openProblems(view, applicationId, [
    topics.windows,
    topics.keys,
    topics.regions,
    repartition,
    ...changelogs,
  ]);

  const inbox = await committedRecords(view, topics.inbox);
  const expected = referenceFold(inbox.map(inboxRecord));
  const outputs = {
    windows: await committedRecords(view, topics.windows),
    keys: await committedRecords(view, topics.keys),
    regions: await committedRecords(view, topics.regions),
  };
  const problems = {
    open,
    outputs: outputProblems(outputs, expected),
    progress: [
      ...(await progressOf(view, applicationId, topics.inbox, inbox)),
      ...(await progressOf(view, applicationId, repartition, await committedRecords(view, repartition))),
    ],
    tasks: taskProblems(dumps, expected, { tasks: expected.counters.size * 2 }),
    stores: await storesOf(view, applicationId, dumps),
    contents: contentProblems(
      {
        windows: dumps.flatMap(({ stores }) => stores.windows),
        keys: dumps.flatMap(({ stores }) => stores.keys),
        regions: dumps.flatMap(({ stores }) => stores.regions),
      },
      expected,
    ),
  };
  return {
    problems: Object.entries(problems).flatMap(([kind, found]) => shorten(kind, found)),
    seen: seenOf(expected, outputs),
  };
}

export function inboxRecord({ partition, value }: CommittedRecord): InboxRecord {
  return { partition, value: JSON.parse(String(value)) as InboxRecord['value'] };
}

async function openProblems(
  view: BrokerView,
  idPrefix: string,
  topics: readonly string[],
): Promise<string[]> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const ends = await Promise.all(
      topics.map(async (topic) => openEndProblems(topic, await view.offsets(topic))),
    );
    const problems = [...ends.flat(), ...transactionProblems(await view.openTransactions(idPrefix))];
    if (problems.length === 0 || Date.now() > until) return problems;
    await sleep(200);
  }
}

async function progressOf(
  view: BrokerView,
  groupId: string,
  topic: string,
  records: readonly CommittedRecord[],
): Promise<string[]> {
  const [committed, offsets] = [await view.committed(groupId, topic), await view.offsets(topic)];
  return progressProblems({ topic, committed, offsets, records });
}

async function storesOf(
  view: BrokerView,
  applicationId: string,
  dumps: readonly WorkerDump[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, store] of Object.entries(STORES) as [keyof typeof STORES, string][]) {
    const changelog = await committedRecords(view, `${applicationId}-${store}-changelog`);
    const held = dumps.map(({ stores }) => stores[name]);
    problems.push(...storeProblems({ store, dumps: held, changelog, windowed: name === 'windows' }));
  }
  return problems;
}

function seenOf(expected: Expected, outputs: { keys: readonly CommittedRecord[] }): CheckResult['seen'] {
  const counters = [...expected.counters.values()];
  const total = (of: (counted: (typeof counters)[number]) => number): number =>
    counters.reduce((sum, counted) => sum + of(counted), 0);
  return {
    inbox: total(({ processed }) => processed),
    duplicates: total(({ duplicate }) => duplicate),
    late: total(({ late }) => late),
    windows: expected.windows.size,
    changes: outputs.keys.length,
  };
}

function shorten(kind: string, problems: readonly string[]): string[] {
  const shown = problems.slice(0, SHOWN).map((problem) => `${kind}: ${problem}`);
  return problems.length > SHOWN ? [...shown, `${kind}: ${problems.length - SHOWN} more`] : shown;
}

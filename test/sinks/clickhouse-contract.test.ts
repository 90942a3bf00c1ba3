import {
  createDeadLettersSink,
  createEventsSink,
  createTransitionsSink,
  createWindowsSink,
} from '../../connectors/clickhouse/index.ts';
import { engineForTests } from '../clickhouse/engine-for-tests.ts';
import { makeEvent, makeState, makeTransition, makeVerdict, makeWindow } from '../clickhouse/records.ts';
import { clickHouseHarness } from './contract/harnesses/clickhouse.ts';
import { describeSinkContract } from './contract/sink-contract.ts';

const clickhouse = engineForTests();

describeSinkContract(
  'the table of transitions in ClickHouse',
  clickHouseHarness(clickhouse, {
    topic: 'incident.transitions',
    table: 'transition_log',
    create: createTransitionsSink,
    record: (n) => ({
      key: `service-${n % 2}/db`,
      value: makeTransition('DETECTED', makeState({ incidentId: `inc-${n}`, version: n + 1 })),
    }),
  }),
);

describeSinkContract(
  'the table of windows in ClickHouse',
  clickHouseHarness(clickhouse, {
    topic: 'incident.windows',
    table: 'window_log',
    create: createWindowsSink,
    record: (n) => ({ key: `service-${n}/db`, value: makeWindow({ count: n }) }),
  }),
);

describeSinkContract(
  'the table of events in ClickHouse',
  clickHouseHarness(clickhouse, {
    topic: 'incident.verdicts',
    table: 'event_log',
    create: createEventsSink,
    record: (n) => ({ key: `service-${n}/db`, value: makeVerdict(makeEvent({ id: `e-${n}` })) }),
  }),
);

describeSinkContract(
  'the table of dead letters in ClickHouse',
  clickHouseHarness(clickhouse, {
    topic: 'incident.dead-letters',
    table: 'dead_letter_log',
    create: createDeadLettersSink,
    record: (n) => ({ key: n % 2 === 0 ? null : Buffer.from(`k${n}`), value: Buffer.from(`broken ${n}`) }),
  }),
);

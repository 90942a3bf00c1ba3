import { startClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import { TRANSITIONS, batchOf, makeState, makeTransition } from './records.ts';

/**
 * A program that owns an engine and writes until it is killed. After each batch it prints how many rows have been
 * acknowledged.
 */
const [dataDir = ''] = process.argv.slice(2);
const engine = await startClickHouseEngine({ dataDir });
if ('unavailable' in engine) throw new Error(engine.unavailable);
const sink = createTransitionsSink({ url: engine.url, ...engine.writer });
await sink.open(TRANSITIONS);
const BATCH_ROWS = 2000;
for (let firstOffset = 0; ; firstOffset += BATCH_ROWS) {
  const values = Array.from({ length: BATCH_ROWS }, (_, index) =>
    makeTransition('DETECTED', makeState({ incidentId: `inc-${firstOffset + index}` })),
  );
  await sink.write(batchOf(TRANSITIONS, values, { firstOffset }));
  process.stdout.write(`${firstOffset + BATCH_ROWS}\n`);
}

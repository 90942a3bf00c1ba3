import { expect, it } from 'vitest';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import { loadChdbAddon } from '../../connectors/clickhouse/engine/chdb-addon.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { runKills } from './kills/run-kills.ts';

type Sink = SinkConnector<string, IncidentTransition>;
type Batch = SinkBatch<string, IncidentTransition>;

const TIMEOUT_MS = 180_000;
const OPTIONS = { rowsPerKill: 6_000, seed: 1 };
const noEngine = 'unavailable' in loadChdbAddon();

/** The sink, with another way to write. */
function writing(sink: Sink, write: (batch: Batch) => Promise<void>): Sink {
  return {
    open: (source) => sink.open(source),
    appliedOffset: (partition) => sink.appliedOffset(partition),
    write,
    close: () => sink.close(),
  };
}

it.skipIf(noEngine)(
  'ClickHouse killed before, during and after an insert: it holds what the source topic holds, each record once',
  { timeout: TIMEOUT_MS },
  async () => {
    const result = await runKills({ ...OPTIONS, moments: ['before', 'during', 'after'] });
    expect(result).toMatchObject({ problems: [], rows: 18_000 });
    expect(result.takenTwice).toBeGreaterThan(0);
  },
);

it.skipIf(noEngine)(
  'the comparison notices a runtime that does not wait for the acknowledgement',
  { timeout: TIMEOUT_MS },
  async () => {
    const around = (sink: Sink): Sink =>
      writing(sink, (batch) => {
        sink.write(batch).catch(() => undefined);
        return Promise.resolve();
      });
    const { problems } = await runKills({ ...OPTIONS, moments: ['before'], around });
    expect(problems).toContainEqual(expect.stringMatching(/^after the kills: .* missing$/));
  },
);

it.skipIf(noEngine)(
  'the comparison notices a batch that comes again under other offsets',
  { timeout: TIMEOUT_MS },
  async () => {
    let failed = 0;
    const around = (sink: Sink): Sink =>
      writing(sink, (batch) => {
        const shift = failed * 1_000_000;
        const records = batch.records.map((record) => ({ ...record, offset: record.offset + shift }));
        return sink.write({ ...batch, records }).catch((error: unknown) => {
          failed++;
          throw error;
        });
      });
    const { problems } = await runKills({ ...OPTIONS, moments: ['before'], around });
    expect(problems).toContainEqual(expect.stringMatching(/^after the kills: .* foreign$/));
  },
);

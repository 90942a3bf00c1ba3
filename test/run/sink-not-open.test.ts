import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { eventually, startRun } from './support/run-process.ts';
import { isolated } from './support/upstream.ts';

const SINK = 'clickhouse-transitions';

/** A process takes seconds to start on a machine that has much else to do. */
const PATIENCE_MS = 180_000;

await describeWith(['kafka', 'schemaRegistry', 'redis'], 'an outside system that is away', (urls) => {
  test('is never called ready, not even before the first failure', { timeout: PATIENCE_MS }, async () => {
    const { environment } = isolated(urls);
    const run = startRun({ ...environment, CLICKHOUSE_URL: 'http://127.0.0.1:1' }, ['--role', 'sinks']);
    const seen: unknown[] = [];
    await eventually(async () => {
      const { ready, parts } = await run.readiness();
      seen.push(ready, parts.find(({ name }) => name === SINK)?.state);
      const events = run.log().filter(({ connector }) => connector === SINK);
      expect(events).toContainEqual(expect.objectContaining({ event: 'sink-assigned' }));
      const failed = { event: 'sink-retrying', code: expect.any(String) as unknown };
      expect(events).toContainEqual(expect.objectContaining(failed));
    });
    expect(seen).not.toContain('ready');
    expect(seen).not.toContain(true);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startKafka } from '../../stack/native/kafka.ts';
import { describeWith } from '../services/describe-with.ts';

await describeWith(['kafka'], 'a broker', () => {
  test('starts under an id that looks like an option of a command', { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cluster-id-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'cluster-id'), '-9U5t3ufSAqnY3ZW2vGVIA');
    const broker = await startKafka(folder);
    onTestFinished(() => broker.stop());
    expect(broker.url).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

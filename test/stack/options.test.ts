import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStackOptions } from '../../stack/options.ts';
import { portsFrom } from '../../stack/ports.ts';
import { startServices } from '../../stack/services.ts';

test('without options there is one broker, the usual ports and a folder in the working directory', () => {
  expect(parseStackOptions({})).toEqual({
    dataDir: '.stack',
    brokers: 1,
    portOffset: 0,
    withoutPipeline: false,
  });
});

test.each([
  ['brokers', '0', '--brokers: must be at least 1'],
  ['brokers', 'many', '--brokers: must be a number'],
  ['portOffset', '60000', '--port-offset: must be at most 50000'],
  ['portOffset', '-1', '--port-offset: must not be negative'],
])('%s %s is refused by its name', (name, value, message) => {
  expect(() => parseStackOptions({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'STACK_USAGE', message }),
  );
});

test('data of a cluster of another size are refused before anything starts', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stack-options-'));
  for (const nodeId of ['1', '2', '3']) await mkdir(join(dataDir, 'kafka', nodeId), { recursive: true });
  try {
    const starting = startServices(parseStackOptions({ dataDir }), portsFrom(0), () => undefined);

    await expect(starting).rejects.toMatchObject({ code: 'STACK_DATA' });
    await expect(starting).rejects.toThrow('holds a cluster of 3 broker(s), not of 1');
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryLockedError } from '@incident-streams/streams';
import { LmdbStateDirectory } from '../../../streams/runtime/kafka/state/lmdb-state-directory.ts';
import type { Checkpoint, TaskState } from '../../../streams/runtime/kafka/state/task-state.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const CHECKPOINT: Checkpoint = { changelogs: { counts: 7 }, inputs: { in: 3 } };
const ENTRIES = 5_000;

function fill(state: TaskState): void {
  state.save(CHECKPOINT, () => {
    for (let i = 0; i < ENTRIES; i++)
      state.store('counts').put(Buffer.from(`key ${i}`), Buffer.from(`value ${i}`));
  });
}

async function afterFilling(damage: (file: string) => void): Promise<{ discarded: string[]; kept: boolean }> {
  using directory = temporaryDirectory();
  const states = new LmdbStateDirectory(directory.path, 'app');
  const discarded: string[] = [];
  const open = (): TaskState => states.open('0_0', ['counts'], (reason) => discarded.push(reason));
  const first = open();
  fill(first);
  await first.close();
  damage(join(directory.path, 'app', '0_0', 'state.lmdb'));
  const second = open();
  const kept = second.store('counts').get(Buffer.from('key 4999')) !== undefined;
  expect(second.checkpoint).toEqual(kept ? CHECKPOINT : { changelogs: {}, inputs: {} });
  await second.close();
  states.close();
  return { discarded, kept };
}

describe('the state of a task on disk', () => {
  it('is reused, with its checkpoint, when it is as it was left', async () => {
    expect(await afterFilling(() => undefined)).toEqual({ discarded: [], kept: true });
  });

  it('is empty where it was deleted', async () => {
    expect(await afterFilling((file) => rmSync(file))).toEqual({ discarded: [], kept: false });
  });

  it('is discarded where it was truncated', async () => {
    for (const part of [0.1, 0.5, 0.99]) {
      const { discarded, kept } = await afterFilling((file) =>
        truncateSync(file, Math.floor(statSync(file).size * part)),
      );
      expect({ discarded: discarded.length, kept }, `cut to ${part}`).toEqual({ discarded: 1, kept: false });
    }
  });

  it('is discarded where a bit of an entry was flipped', async () => {
    const { discarded, kept } = await afterFilling((file) => flipWithin(file, 'value 2500'));
    expect(kept).toBe(false);
    expect(discarded[0]).toMatch(/"store:counts" is damaged/);
  });

  it('is discarded where the process died while it was being checked', async () => {
    const { discarded, kept } = await afterFilling((file) => writeFileSync(join(file, '..', 'checking'), ''));
    expect(kept).toBe(false);
    expect(discarded[0]).toMatch(/died while it was checking/);
  });

  it('is not opened by two processes at once', () => {
    using directory = temporaryDirectory();
    const states = new LmdbStateDirectory(directory.path, 'app');
    expect(() => new LmdbStateDirectory(directory.path, 'app')).toThrow(DirectoryLockedError);
    states.close();
    new LmdbStateDirectory(directory.path, 'app').close();
  });

  it('keeps neither the writes nor the checkpoint of a save that failed', async () => {
    using directory = temporaryDirectory();
    const states = new LmdbStateDirectory(directory.path, 'app');
    const state = states.open('0_0', ['counts'], () => undefined);
    expect(() =>
      state.save(CHECKPOINT, () => {
        state.store('counts').put(Buffer.from('a'), Buffer.from('1'));
        throw new Error('broken off');
      }),
    ).toThrow('broken off');
    expect(state.store('counts').get(Buffer.from('a'))).toBeUndefined();
    expect(state.checkpoint.changelogs).toEqual({});
    await state.close();
    expect(existsSync(join(directory.path, 'app', '0_0', 'state.lmdb'))).toBe(true);
    states.close();
  });
});

function flipWithin(file: string, text: string): void {
  const descriptor = openSync(file, 'r+');
  const bytes = Buffer.alloc(statSync(file).size);
  readSync(descriptor, bytes, 0, bytes.length, 0);
  let flipped = 0;
  // A page that is no longer in use may hold a copy: every one is damaged.
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) {
    writeSync(descriptor, Buffer.from([(bytes[at] ?? 0) ^ 1]), 0, 1, at);
    flipped++;
  }
  expect(flipped).toBeGreaterThan(0);
  closeSync(descriptor);
}

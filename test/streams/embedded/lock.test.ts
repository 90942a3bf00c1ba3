import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryLockedError } from '@incident-streams/streams';
import { EmbeddedTopicError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import { openRuntime, withRuntime } from './open-runtime.ts';

const lockOf = (directory: string) => join(directory, 'owner.pid');

describe('the lock of a data directory', () => {
  it('keeps out a second runtime while another process that is alive has it', async () => {
    using directory = temporaryDirectory();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      await withRuntime({ directory: directory.path }, () => undefined);
      writeFileSync(lockOf(directory.path), String(other.pid));
      expect(() => openRuntime({ directory: directory.path })).toThrow(DirectoryLockedError);
      expect(() => openRuntime({ directory: directory.path })).toThrow(String(other.pid));
      expect(readFileSync(lockOf(directory.path), 'utf8')).toBe(String(other.pid));
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    await withRuntime({ directory: directory.path }, () => undefined);
  });

  it('is taken over from a process that is gone, from one that had our own id, and from a damaged file', async () => {
    using directory = temporaryDirectory();
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    for (const content of [String(gone.pid), String(process.pid), 'no number', '']) {
      writeFileSync(lockOf(directory.path), content);
      await withRuntime({ directory: directory.path }, () => {
        expect(readFileSync(lockOf(directory.path), 'utf8')).toBe(String(process.pid));
      });
    }
  });

  it('keeps out a second runtime of the same process', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, () => {
      expect(() => openRuntime({ directory: directory.path })).toThrow(DirectoryLockedError);
      expect(() => openRuntime({ directory: join(directory.path, '.') })).toThrow(DirectoryLockedError);
    });
  });

  it('is released by close, and by an attempt to open that fails', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, () => undefined);
    expect(existsSync(lockOf(directory.path))).toBe(false);
    expect(() => openRuntime({ directory: directory.path, partitions: 2 })).toThrow(EmbeddedTopicError);
    expect(existsSync(lockOf(directory.path))).toBe(false);
    await withRuntime({ directory: directory.path }, () => undefined);
  });
});

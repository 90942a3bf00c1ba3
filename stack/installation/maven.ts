import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installedCommand } from './apt.ts';
import { runCommand } from './run-command.ts';

const CACHE = join(import.meta.dirname, '../../.cache/services');

/**
 * The folder that holds what a pom.xml asks for, fetched on first use. A changed pom.xml gives a new folder.
 *
 * @param goal `copy-dependencies` for jars, `unpack-dependencies` for archives.
 */
export async function mavenFolder(
  pomFile: string,
  goal: 'copy-dependencies' | 'unpack-dependencies',
): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(pomFile))
    .digest('hex');
  const folder = join(CACHE, `${dirname(pomFile).split('/').at(-1) ?? 'maven'}-${digest.slice(0, 12)}`);
  if (await exists(folder)) return folder;

  const maven = await installedCommand('mvn', 'maven');
  // Filled aside and renamed: a run that is interrupted, or one beside this, never leaves half a folder in its place.
  const filling = `${folder}.${randomUUID()}`;
  await mkdir(filling, { recursive: true });
  try {
    await runCommand(maven, [
      ...['-B', '-q', '-f', pomFile, `dependency:${goal}`],
      `-DoutputDirectory=${filling}`,
      // Else it remembers beside the pom.xml that it has unpacked, and does not unpack into another folder.
      `-DmarkersDirectory=${join(filling, 'markers')}`,
    ]);
    await rename(filling, folder);
  } catch (error) {
    if (!(await exists(folder))) throw error;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
  return folder;
}

/** A Java runtime; Kafka 4.3 and the registry want 17 or newer. */
export function javaCommand(): Promise<string> {
  return installedCommand('java', 'default-jre-headless');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installedCommand } from '../../stack/installation/apt.ts';
import { javaCommand } from '../../stack/installation/maven.ts';
import { runCommand } from '../../stack/installation/run-command.ts';

const PEER = join(import.meta.dirname, '../peers/kafka-streams');
const SCHEMA = join(import.meta.dirname, '../../schemas/IncidentEvent.avsc');
const CACHE = join(import.meta.dirname, '../../.cache/bench');

export interface JavaPeer {
  readonly java: string;
  readonly classPath: string;
}

/** Builds the Kafka Streams application with Maven, once for each version of its sources; needs a JDK. */
export async function buildPeer(): Promise<JavaPeer> {
  const java = await javaCommand();
  const folder = join(CACHE, `kafka-streams-${await digestOfSources()}`);
  if (!existsSync(folder)) await build(folder);
  return { java, classPath: `${join(folder, 'peer.jar')}:${join(folder, 'lib', '*')}` };
}

async function build(folder: string): Promise<void> {
  const [maven] = [
    await installedCommand('mvn', 'maven'),
    await installedCommand('javac', 'default-jdk-headless'),
  ];
  // Built aside and renamed: a run that is interrupted never leaves half a build in its place.
  const building = `${folder}.${randomUUID()}`;
  await mkdir(building, { recursive: true });
  try {
    await runCommand(maven, ['-B', '-q', '-f', join(PEER, 'pom.xml'), 'package', `-Dpeer.build=${building}`]);
    await rename(building, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const sources: string[] = [];
  for await (const path of glob('src/**/*.java', { cwd: PEER })) sources.push(path);
  for (const file of ['pom.xml', ...sources.sort()]) hash.update(await readFile(join(PEER, file)));
  return hash
    .update(await readFile(SCHEMA))
    .digest('hex')
    .slice(0, 12);
}

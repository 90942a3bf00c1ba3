import { join } from 'node:path';
import { installedCommand } from '../../stack/installation/apt.ts';
import { javaCommand, mavenFolder } from '../../stack/installation/maven.ts';
import { runCommand } from '../../stack/installation/run-command.ts';

const FOLDER = join(import.meta.dirname, 'java');

/** Compiles and runs a program of the java folder; returns what it has printed. */
export async function runJava(program: string, args: readonly string[]): Promise<string> {
  return run([join(FOLDER, `${program}.java`), ...args]);
}

/** Runs a program out of Kafka's own jars. */
export async function runKafkaTool(mainClass: string, args: readonly string[]): Promise<string> {
  return run([mainClass, ...args]);
}

/** The jars of Kafka and Avro, and a Java that compiles; rejects where they cannot be had. */
export async function javaWithClients(): Promise<{ readonly java: string; readonly libraries: string }> {
  await installedCommand('javac', 'default-jdk-headless');
  const libraries = await mavenFolder(join(FOLDER, 'pom.xml'), 'copy-dependencies');
  return { java: await javaCommand(), libraries };
}

async function run(args: readonly string[]): Promise<string> {
  const { java, libraries } = await javaWithClients();
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  return runCommand(java, [quiet, '-cp', join(libraries, '*'), ...args]);
}

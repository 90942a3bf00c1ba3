import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { javaCommand, mavenFolder } from '../installation/maven.ts';
import type { RunningService } from './running-service.ts';
import { startProgram } from './program.ts';

const POM = join(import.meta.dirname, '../maven/schema-registry/pom.xml');

/** An empty Apicurio registry in memory; the URL is that of its Confluent-compatible API. */
export async function startSchemaRegistry(folder: string): Promise<RunningService> {
  const [unpacked, java] = [await mavenFolder(POM, 'unpack-dependencies'), await javaCommand()];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  return startProgram({
    url,
    command: java,
    args: [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-jar',
      await runner(unpacked),
    ],
    folder,
    ask: async () => {
      const reply = await fetch(`${url}/subjects`);
      if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    },
  });
}

async function runner(folder: string): Promise<string> {
  for await (const path of glob(join(folder, '*-runner.jar'))) return path;
  throw new Error(`there is no *-runner.jar in ${folder}`);
}

import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { javaCommand, mavenFolder } from '../installation/maven.ts';
import { freePort } from './free-port.ts';
import { startProgram } from './program.ts';
import type { NativeServiceOptions, RunningProgram } from './running-service.ts';

export const REGISTRY_POM = join(import.meta.dirname, '../maven/schema-registry/pom.xml');

/** An Apicurio registry, in memory unless told otherwise; the URL is that of its Confluent-compatible API. */
export async function startSchemaRegistry(
  folder: string,
  { port: wanted, keepsData = false }: NativeServiceOptions = {},
): Promise<RunningProgram> {
  const [unpacked, java] = [await mavenFolder(REGISTRY_POM, 'unpack-dependencies'), await javaCommand()];
  const port = wanted ?? (await freePort());
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
    // Its records go on naming the schemas' ids, so what keeps records has to keep the ids.
    ...(keepsData
      ? { environment: { REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${join(folder, 'registry')}` } }
      : {}),
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

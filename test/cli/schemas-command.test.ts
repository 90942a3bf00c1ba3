import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { schemaSubjects } from '../../cli/run/schema-subjects.ts';
import { localSchemas } from '../../cli/schemas/local-schemas.ts';
import { registryOfCommand } from '../../cli/schemas/registry-of-command.ts';
import { checkSchemas, registerSchemas } from '../../cli/schemas/schemas-command.ts';
import type { ExitCode, SchemasCommand } from '../../cli/schemas/schemas-command.ts';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { postJson, readJson } from '../schema-registry/registry-rest.ts';
import { startSwitchableProxy } from '../schema-registry/switchable-proxy.ts';
import { uniqueSubjects } from '../schema-registry/subjects.ts';
import { describeWith } from '../services/describe-with.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';

const SCHEMA_FOLDER = join(import.meta.dirname, '../../schemas');

/** The schemas of a copy of the folder in which a file was edited. */
function changedCopy(file: string, edit: (text: string) => string): Record<SchemaName, AvroSchema> {
  using folder = temporaryDirectory();
  cpSync(SCHEMA_FOLDER, folder.path, {
    recursive: true,
    filter: (path) => path === SCHEMA_FOLDER || path.endsWith('.avsc'),
  });
  const path = join(folder.path, file);
  const text = readFileSync(path, 'utf8');
  expect(edit(text)).not.toBe(text);
  writeFileSync(path, edit(text));
  return localSchemas(folder.path);
}

const withRequiredField = () =>
  changedCopy('Tick.avsc', (text) =>
    text.replace('"fields": [', '"fields": [{ "name": "zone", "type": "string" },'),
  );
const withOptionalField = () =>
  changedCopy('Tick.avsc', (text) =>
    text.replace('"fields": [', '"fields": [{ "name": "zone", "type": "string", "default": "" },'),
  );

await describeWith(['schemaRegistry'], 'incidents schemas', ({ schemaRegistry: url }) => {
  let subjects: SchemasCommand['subjects'];
  beforeEach(() => {
    subjects = uniqueSubjects();
  });

  async function run(
    command: (command: SchemasCommand) => Promise<ExitCode>,
    schemas: SchemasCommand['schemas'] = SCHEMAS,
    registry: string = url,
  ): Promise<{ exitCode: ExitCode; lines: string[] }> {
    const lines: string[] = [];
    const exitCode = await command({
      registry: { url: registry },
      schemas,
      subjects,
      print: (text) => lines.push(text),
    });
    return { exitCode, lines };
  }
  const lineOf = (lines: readonly string[], name: SchemaName): string =>
    lines.find((text) => text.includes(` ${subjects[name]} `)) ?? '';

  test('check says what is new, and registers nothing', async () => {
    const { exitCode, lines } = await run(checkSchemas);
    expect(exitCode).toBe(0);
    expect(lines.map((text) => text.split(' ')[0])).toEqual(Object.keys(subjects).map(() => 'new'));
    expect((await fetch(`${url}/subjects/${subjects.Tick}/versions`)).status).toBe(404);
  });

  test('register registers all; check then finds each', async () => {
    expect((await run(registerSchemas)).exitCode).toBe(0);
    const { exitCode, lines } = await run(checkSchemas);
    expect(exitCode).toBe(0);
    expect(lineOf(lines, 'Tick')).toMatch(/^registered .* schema id \d+, level FULL_TRANSITIVE$/);
    expect(lines).toHaveLength(Object.keys(subjects).length);
  });

  test.each(['BACKWARD', 'FULL', 'FULL_TRANSITIVE'])(
    'an incompatible change is refused before it is deployed, where the registry is held to %s',
    async (compatibility) => {
      await run(registerSchemas);
      await postJson(`${url}/config/${subjects.Tick}`, { compatibility }, 'PUT');
      const schemas = withRequiredField();
      for (const command of [checkSchemas, registerSchemas]) {
        const { exitCode, lines } = await run(command, schemas);
        expect(exitCode).toBe(1);
        expect(lineOf(lines, 'Tick')).toMatch(/^INCOMPATIBLE .* level [A-Z_]+\n {2}version 1: .*zone/s);
        expect(lines.filter((text) => text.startsWith('INCOMPATIBLE'))).toHaveLength(1);
      }
      expect(await readJson(`${url}/subjects/${subjects.Tick}/versions`)).toEqual([1]);
    },
  );

  test('an incompatible change is refused too where the registry checks nothing', async () => {
    await run(registerSchemas);
    await postJson(`${url}/config/${subjects.Tick}`, { compatibility: 'NONE' }, 'PUT');
    const { exitCode, lines } = await run(checkSchemas, withRequiredField());
    expect(exitCode).toBe(1);
    expect(lineOf(lines, 'Tick')).toContain('judged here, both ways: the registry checks nothing');
    expect(lineOf(lines, 'Tick')).toContain('no matching field for default-less incident.v1.Tick.zone');
    expect((await run(registerSchemas, withRequiredField())).exitCode).toBe(1);
    const withSymbol = changedCopy('OperatorCommand.avsc', (text) =>
      text.replace('"COMMENT"]', '"COMMENT", "SNOOZE"]'),
    );
    await postJson(`${url}/config/${subjects.OperatorCommand}`, { compatibility: 'NONE' }, 'PUT');
    const grown = await run(checkSchemas, withSymbol);
    expect(lineOf(grown.lines, 'OperatorCommand')).toMatch(/^compatible .*judged here/);
    expect((await run(checkSchemas, withOptionalField())).exitCode).toBe(0);
  });

  test('a compatible change passes, is registered, and is compared with every version from then on', async () => {
    await run(registerSchemas);
    const { exitCode, lines } = await run(checkSchemas, withOptionalField());
    expect(exitCode).toBe(0);
    expect(lineOf(lines, 'Tick')).toMatch(/^compatible .* with the latest version, level FULL_TRANSITIVE$/);
    expect((await run(registerSchemas, withOptionalField())).exitCode).toBe(0);
    expect(await readJson(`${url}/subjects/${subjects.Tick}/versions`)).toEqual([1, 2]);
    const third = changedCopy('Tick.avsc', (text) =>
      text.replace('Names the tick.', 'What the tick is called.'),
    );
    const compared = await run(checkSchemas, third);
    expect(lineOf(compared.lines, 'Tick')).toMatch(/^compatible .* with 2 versions/);
  });

  test('a registry that cannot be asked is no verdict: 2', async () => {
    await using proxy = await startSwitchableProxy(url);
    for (const mode of ['refuse', 503, 401, 404] as const) {
      proxy.mode = mode;
      const { exitCode, lines } = await run(checkSchemas, SCHEMAS, proxy.url);
      expect([mode, exitCode]).toEqual([mode, 2]);
      expect(lines.join()).toMatch(/^SCHEMA_REGISTRY_(UNAVAILABLE|REFUSED): /);
    }
  });
});

describe('the command line', () => {
  const incidents = (
    args: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<{ status: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const main = join(import.meta.dirname, '../../cli/main.ts');
      const env = { ...process.env, SCHEMA_REGISTRY_URL: '', ...environment };
      execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
        resolve({ status: (error?.code as number | undefined) ?? 0, stdout, stderr });
      });
    });
  const NOWHERE = 'http://127.0.0.1:9/apis/ccompat/v7';

  test('ends with 2 when the registry cannot be reached, named by option or by environment', async () => {
    const [byOption, byEnvironment] = await Promise.all([
      incidents(['schemas', 'check', '--registry', NOWHERE]),
      incidents(['schemas', 'register'], { SCHEMA_REGISTRY_URL: NOWHERE }),
    ]);
    expect([byOption.status, byEnvironment.status]).toEqual([2, 2]);
    expect(byOption.stdout).toContain(`SCHEMA_REGISTRY_UNAVAILABLE: list the subjects`);
  }, 90_000);

  test('asks which registry, and refuses a folder that does not hold the schemas', async () => {
    expect(await incidents(['schemas', 'check'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('CLI_USAGE: Which registry?') as string,
    });
    const wrongFolder = ['schemas', 'check', '--registry', NOWHERE, '--schemas', import.meta.dirname];
    expect(await incidents(wrongFolder)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no EventVerdict.avsc') as string,
    });
  }, 90_000);
});

test('the environment names the registry and the credentials as it does for `incidents run`', () => {
  const environment = {
    SCHEMA_REGISTRY_URL: 'http://a',
    INCIDENTS_REGISTRY_USERNAME: 'ada',
    INCIDENTS_REGISTRY_PASSWORD: 'x',
  };
  const auth = { username: 'ada', password: 'x' };
  expect(registryOfCommand(undefined, environment)).toEqual({ url: 'http://a', auth });
  expect(registryOfCommand('http://b', environment)).toEqual({ url: 'http://b', auth });
  const own = { ...environment, INCIDENTS_REGISTRY_URL: 'http://c' };
  expect(registryOfCommand(undefined, own)).toEqual({ url: 'http://c', auth });
});

test('every schema of this version has a subject of its own', () => {
  expect(Object.keys(schemaSubjects(''))).toEqual(expect.arrayContaining(Object.keys(SCHEMAS)));
  expect(new Set(Object.values(schemaSubjects(''))).size).toBe(Object.keys(SCHEMAS).length);
});

import {
  RegistryApi,
  SchemaIncompatibleError,
  SchemaRegistryRefusedError,
  SchemaRegistryUnavailableError,
  compareSchema,
  registerSchema,
  resolveConnection,
} from '../../connectors/schema-registry/index.ts';
import type { RegistryConnectionOptions, SchemaComparison } from '../../connectors/schema-registry/index.ts';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';

export interface SchemasCommand {
  readonly registry: RegistryConnectionOptions;
  readonly schemas: Readonly<Record<SchemaName, AvroSchema>>;
  readonly subjects: Readonly<Record<SchemaName, string>>;
  readonly print: (line: string) => void;
}

/** 0: all is well. 1: a schema is incompatible. 2: the registry cannot be asked, or refuses to answer. */
export type ExitCode = 0 | 1 | 2;

type Subject = readonly [subject: string, schema: AvroSchema];

/** Says of each schema what would become of it, and registers nothing. */
export function checkSchemas(command: SchemasCommand): Promise<ExitCode> {
  return withRegistry(command, async (api, subjects) => {
    const comparisons = await compareAll(api, subjects);
    for (const compared of comparisons) command.print(describe(compared, widthOf(subjects)));
    return comparisons.some(isConflict) ? 1 : 0;
  });
}

/** Registers each schema, unless one of them is incompatible: then none is. */
export function registerSchemas(command: SchemasCommand): Promise<ExitCode> {
  return withRegistry(command, async (api, subjects) => {
    const conflicts = (await compareAll(api, subjects)).filter(isConflict);
    for (const conflict of conflicts) command.print(describe(conflict, widthOf(subjects)));
    if (conflicts.length > 0) return 1;
    for (const [subject, schema] of subjects) {
      const id = await registerSchema(api, subject, schema);
      command.print(line('registered', subject.padEnd(widthOf(subjects)), `schema id ${id}`));
    }
    return 0;
  });
}

type Compared = readonly [subject: string, comparison: SchemaComparison];

async function compareAll(api: RegistryApi, subjects: readonly Subject[]): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const [subject, schema] of subjects) {
    compared.push([subject, await compareSchema(api, subject, schema)]);
  }
  return compared;
}

function isConflict([, comparison]: Compared): boolean {
  return comparison.verdict === 'incompatible';
}

async function withRegistry(
  command: SchemasCommand,
  work: (api: RegistryApi, subjects: readonly Subject[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const api = new RegistryApi(resolveConnection(command.registry));
  const names = Object.keys(command.subjects) as SchemaName[];
  try {
    await api.checkPath();
    return await work(
      api,
      names.map((name) => [command.subjects[name], command.schemas[name]]),
    );
  } catch (error) {
    if (error instanceof SchemaIncompatibleError) {
      command.print(`${error.code}: ${error.message}`);
      return 1;
    }
    if (error instanceof SchemaRegistryUnavailableError || error instanceof SchemaRegistryRefusedError) {
      command.print(`${error.code}: ${error.message}`);
      return 2;
    }
    throw error;
  } finally {
    api.close();
  }
}

function widthOf(subjects: readonly Subject[]): number {
  return Math.max(...subjects.map(([subject]) => subject.length));
}

function describe([name, comparison]: Compared, width: number): string {
  const subject = name.padEnd(width);
  switch (comparison.verdict) {
    case 'new':
      return line('new', subject, 'nothing is registered under it yet');
    case 'registered':
      return line('registered', subject, `schema id ${comparison.id}, level ${comparison.level}`);
    case 'compatible':
      return line('compatible', subject, `with ${versionCount(comparison.versions)}, ${judgeOf(comparison)}`);
    case 'incompatible': {
      const reasons = comparison.reasons.map((reason) => `\n  ${reason}`).join('');
      return line('INCOMPATIBLE', subject, judgeOf(comparison)) + reasons;
    }
  }
}

function judgeOf({ level }: { readonly level: string }): string {
  return level === 'NONE'
    ? 'judged here, both ways: the registry checks nothing (level NONE)'
    : `level ${level}`;
}

function versionCount(versions: number): string {
  return versions === 1 ? 'the latest version' : `${versions} versions`;
}

function line(verdict: string, subject: string, what: string): string {
  return `${verdict.padEnd(12)}  ${subject}  ${what}`;
}

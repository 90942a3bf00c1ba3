import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from '@incident-streams/streams';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import { WIRE_HEADER_BYTES, readSchemaId } from '../../schemas/wire-format.ts';
import { SchemaRegistryUnavailableError } from './errors.ts';
import { findSchema, registerSchema } from './register-schema.ts';
import type { NewSubjectLevel } from './register-schema.ts';
import { readSchema } from './read-schema.ts';
import type { ReadSchema } from './read-schema.ts';
import { readVersions } from './read-versions.ts';
import { RegistryApi } from './registry-api.ts';
import { resolveConnection } from './registry-connection.ts';
import type { RegistryConnectionOptions } from './registry-connection.ts';
import { retryForever } from './retry.ts';
import { SchemaIds } from './schema-ids.ts';

export interface ConfluentRegistryOptions extends RegistryConnectionOptions {
  /** The subject of each schema of this version. */
  readonly subjects: Readonly<Record<SchemaName, string>>;
  /** Whether schemas that the registry does not have yet are registered. Default true. */
  readonly register?: boolean;
  /** Default `FULL_TRANSITIVE`. */
  readonly newSubjectLevel?: NewSubjectLevel;
  /** Hears why the registry is asked again: it does not answer, or not as it should. */
  readonly onRetry?: (reason: string) => void;
  /** How long an id that the registry does not know is not asked for again. Default 60,000. */
  readonly unknownIdMs?: number;
  /** Gives up the start, which otherwise waits for a registry that is down. */
  readonly signal?: AbortSignal;
}

const UNKNOWN_ID_MS = 60_000;
/** A replica of the registry may lag: an id counts as unknown when it still is after all of these. */
const ASK_AGAIN_AFTER_MS = [100, 300, 600];
const NO_ID = -1;

/**
 * The schemas of a Confluent-compatible registry. `schemaFor` and `idOf` answer from memory: the ids of this version's
 * schemas are settled by `openConfluentRegistry`, those of others by `beforeDecode`.
 */
export class ConfluentRegistry implements SchemaRegistry {
  readonly #api: RegistryApi;
  readonly #ownIds: ReadonlyMap<SchemaName, number>;
  readonly #ids: SchemaIds;
  readonly #onRetry: (reason: string) => void;
  readonly #questions = new Map<number, Promise<void>>();
  readonly #closing = new AbortController();
  /** Settled, and most likely that of the next record. */
  #lastId = NO_ID;

  constructor(
    api: RegistryApi,
    ownIds: ReadonlyMap<SchemaName, number>,
    versions: ReadonlyMap<number, ReadSchema>,
    options: Pick<ConfluentRegistryOptions, 'onRetry' | 'unknownIdMs'>,
  ) {
    this.#api = api;
    this.#ownIds = ownIds;
    this.#ids = new SchemaIds(options.unknownIdMs ?? UNKNOWN_ID_MS);
    this.#onRetry = options.onRetry ?? (() => undefined);
    for (const [id, version] of versions) this.#ids.settle(id, version);
    for (const [name, id] of ownIds) this.#ids.settle(id, { schema: SCHEMAS[name] });
  }

  schemaFor(id: number): AvroSchema | undefined {
    return this.#ids.schemaFor(id);
  }

  idOf(name: SchemaName): number {
    return this.#ownIds.get(name)!;
  }

  /**
   * For `KafkaRuntimeOptions.beforeDecode`: fetches the schemas that the records' values name and that are not known
   * yet; undefined where there are none. While the registry does not answer, it is asked again, and the promise stays
   * open: these records wait, nothing is dead-lettered. The promise never rejects; once the registry has been closed
   * it stays open for ever.
   *
   * An id that the registry does not know is asked for four times within a second, then counts as unknown for
   * `unknownIdMs`: its records cannot be decoded, which sends them to the dead letters.
   */
  readonly beforeDecode = (records: readonly LogRecord[]): Promise<void> | undefined => {
    let missing: Set<number> | undefined;
    for (const { value } of records) {
      if (value === null || value.length < WIRE_HEADER_BYTES || value[0] !== 0) continue;
      const id = readSchemaId(value);
      if (id === this.#lastId) continue;
      if (this.#ids.isSettled(id)) this.#lastId = id;
      else if (!this.#ids.isUnknown(id)) (missing ??= new Set()).add(id);
    }
    return missing === undefined ? undefined : this.#learn(missing);
  };

  /** Asks nothing any more. What was learned stays. */
  close(): void {
    this.#closing.abort();
    this.#api.close();
  }

  async #learn(ids: ReadonlySet<number>): Promise<void> {
    await Promise.all(Array.from(ids, (id) => this.#questions.get(id) ?? this.#startQuestion(id)));
  }

  #startQuestion(id: number): Promise<void> {
    const question = this.#settle(id).then(
      () => void this.#questions.delete(id),
      // Only closing ends a question without an answer, and records without one must not be decoded.
      () => new Promise<never>(() => undefined),
    );
    this.#questions.set(id, question);
    return question;
  }

  async #settle(id: number): Promise<void> {
    const { signal } = this.#closing;
    const options = { onRetry: this.#onRetry, shouldRetry: () => !signal.aborted, signal };
    for (const delayMs of [0, ...ASK_AGAIN_AFTER_MS]) {
      await sleep(delayMs, undefined, { signal });
      const answer = await retryForever(() => this.#askFor(id), options);
      if (answer !== undefined) return this.#ids.settle(id, answer);
    }
    this.#ids.setUnknown(id);
  }

  async #askFor(id: number): Promise<ReadSchema | undefined> {
    const stored = await this.#api.schemaById(id);
    const answer = stored === undefined ? undefined : await readSchema(this.#api, stored);
    if (answer !== undefined && 'schema' in answer) return answer;
    // Bad news counts from a registry that still has what it had: not from one that was emptied, or from a proxy that
    // finds nothing.
    for (const [name, ownId] of this.#ownIds) {
      if ((await this.#api.schemaById(ownId)) !== undefined) break;
      throw new SchemaRegistryUnavailableError(
        `The schema registry at ${this.#api.url} does not know schema id ${id}, nor ${ownId}, which it gave to ${name}`,
      );
    }
    return answer;
  }
}

/**
 * Settles the ids of this version's schemas, by registering what is missing or, with `register: false`, by looking them
 * up, and learns those of the versions before them. Waits for a registry that does not answer.
 *
 * @throws {SchemaIncompatibleError} when a schema does not fit the versions before it.
 * @throws {SchemaNotRegisteredError} when a schema is missing and is not to be registered.
 * @throws {SchemaRegistryRefusedError} when the registry refuses: no rights, a wrong path.
 */
export async function openConfluentRegistry(options: ConfluentRegistryOptions): Promise<ConfluentRegistry> {
  const api = new RegistryApi(resolveConnection(options));
  const retry = {
    onRetry: options.onRetry ?? (() => undefined),
    shouldRetry: (error: unknown) => error instanceof SchemaRegistryUnavailableError,
    signal: options.signal ?? new AbortController().signal,
  };
  const ids = new Map<SchemaName, number>();
  const versions = new Map<number, ReadSchema>();
  try {
    await retryForever(() => api.checkPath(), retry);
    for (const [name, subject] of Object.entries(options.subjects) as [SchemaName, string][]) {
      const schema = SCHEMAS[name];
      const settle =
        options.register === false
          ? () => findSchema(api, subject, schema)
          : () => registerSchema(api, subject, schema, options.newSubjectLevel);
      ids.set(name, await retryForever(settle, retry));
      for (const [id, version] of await retryForever(() => readVersions(api, subject), retry))
        versions.set(id, version);
    }
  } catch (error) {
    api.close();
    throw error;
  }
  return new ConfluentRegistry(api, ids, versions, options);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type { CodedError } from '@incident-streams/streams';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import {
  SchemaIncompatibleError,
  SchemaRegistryRefusedError,
  SchemaRegistryUnavailableError,
} from './errors.ts';
import type { RegistryConnection } from './registry-connection.ts';

/** What a new version has to be compatible with, and in which direction. */
export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** A schema as the registry stores it. */
export interface StoredSchema {
  readonly text: string;
  /** AVRO, JSON or PROTOBUF. */
  readonly type: string;
  readonly references: readonly SchemaReference[];
}

export interface SchemaReference {
  readonly subject: string;
  readonly version: number;
}

const NOT_FOUND = 404;
const CONFLICT = 409;
/** How the client reports that there was no answer at all. */
const NO_ANSWER = 400;
const CLIENT_ID = 'incident-streams';

interface Answer {
  data(): unknown;
}

type Question = (parameters: object) => Promise<Answer>;

/** What of the client's HTTP layer is used here; its own types say `any`. */
interface Endpoints {
  readonly Schema: { readonly find: Question };
  readonly Subject: Readonly<
    Record<'all' | 'version' | 'registered' | 'register' | 'config' | 'updateConfig' | 'compatible', Question>
  >;
}

/**
 * The questions of the Confluent REST API. The public methods of the client compile whatever they fetch, forget its type
 * and cannot ask about compatibility, so this goes by the client's HTTP layer.
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 *
 * Every method rejects with a `SchemaRegistryUnavailableError` where asking again may help, else with a
 * `SchemaRegistryRefusedError`. Nothing can tell "not found" from a wrong path but `checkPath`.
 */
export class RegistryApi {
  readonly #connection: RegistryConnection;
  readonly #endpoints: Endpoints;

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
    const { url, auth, agent } = connection;
    const credentials = auth === undefined ? {} : { auth };
    // Whoever asks decides whether to ask again. (The client shares this setting between all of its instances.)
    const retry = { retries: 0 };
    const client = new SchemaRegistry({ host: url, clientId: CLIENT_ID, agent, retry, ...credentials });
    this.#endpoints = client['api'] as Endpoints;
  }

  get url(): string {
    return this.#connection.url;
  }

  /** @throws {SchemaRegistryRefusedError} when what answers at the URL is no registry. */
  async checkPath(): Promise<void> {
    const subjects = await this.#ask('list the subjects', this.#endpoints.Subject.all, {});
    if (Array.isArray(subjects)) return;
    throw new SchemaRegistryRefusedError(`There is no schema registry at ${this.url}: it has no /subjects`);
  }

  /** Undefined for an id that the registry does not know. */
  async schemaById(id: number): Promise<StoredSchema | undefined> {
    const data = await this.#ask(`schema id ${id}`, this.#endpoints.Schema.find, { id });
    return data === undefined ? undefined : this.#stored(data);
  }

  /** Undefined for a version, or a subject, that the registry does not know. */
  async schemaByVersion(
    subject: string,
    version: number | 'latest',
  ): Promise<(StoredSchema & { readonly version: number; readonly id: number }) | undefined> {
    const doing = `version ${version} of ${subject}`;
    const data = await this.#ask(doing, this.#endpoints.Subject.version, { subject, version });
    if (data === undefined) return undefined;
    return {
      ...this.#stored(data),
      version: this.#number(data, 'version'),
      id: this.#number(data, 'id'),
    };
  }

  /** The id of exactly this schema in the subject; undefined when the subject does not have it. */
  async idOf(subject: string, schema: AvroSchema): Promise<number | undefined> {
    const parameters = { subject, body: bodyOf(schema) };
    const data = await this.#ask(`the id in ${subject}`, this.#endpoints.Subject.registered, parameters);
    return data === undefined ? undefined : this.#number(data, 'id');
  }

  /**
   * Makes the schema the latest version of the subject.
   * @throws {SchemaIncompatibleError} with the registry's reasons.
   */
  async register(subject: string, schema: AvroSchema): Promise<number> {
    const parameters = { subject, body: bodyOf(schema) };
    const data = await this.#ask(`register ${subject}`, this.#endpoints.Subject.register, parameters);
    return this.#number(data, 'id');
  }

  /** What the registry holds the subject to, be it by a rule of its own or by the registry's default. */
  async levelOf(subject: string): Promise<string> {
    const doing = `the compatibility level of ${subject}`;
    const parameters = { subject, defaultToGlobal: true };
    const data = await this.#ask(doing, this.#endpoints.Subject.config, parameters);
    const level = fieldsOf(data)['compatibilityLevel'];
    return typeof level === 'string' ? level.toUpperCase() : 'UNKNOWN';
  }

  async setLevel(subject: string, compatibility: CompatibilityLevel): Promise<void> {
    const doing = `set the compatibility level of ${subject}`;
    await this.#ask(doing, this.#endpoints.Subject.updateConfig, { subject, body: { compatibility } });
  }

  /** Why the schema is incompatible with that version, by the registry's rule; undefined where it is not. */
  async conflictWith(subject: string, version: number, schema: AvroSchema): Promise<string | undefined> {
    const doing = `compare with version ${version} of ${subject}`;
    const parameters = { subject, version, verbose: true, body: bodyOf(schema) };
    const data = await this.#ask(doing, this.#endpoints.Subject.compatible, parameters);
    // A version that was deleted.
    if (data === undefined) return undefined;
    const fields = fieldsOf(data);
    if (fields['is_compatible'] === true) return undefined;
    const { messages, reason } = fields;
    if (Array.isArray(messages) && messages.length > 0) return messages.join('; ');
    return typeof reason === 'string' ? reason : 'the registry gives no reason';
  }

  close(): void {
    this.#connection.agent.destroy();
  }

  /** What was answered; undefined for "not found". */
  async #ask(doing: string, question: Question, parameters: object): Promise<unknown> {
    const { timeoutMs } = this.#connection;
    const limit = new AbortController();
    // An answer that breaks off in the middle would never come to an end by itself.
    const tooLate = sleep(2 * timeoutMs, undefined, { signal: limit.signal }).catch(() => undefined);
    try {
      const answer = await Promise.race([question({ ...parameters, timeout: timeoutMs }), tooLate]);
      if (answer === undefined) throw this.#unavailable(doing, `no whole answer within ${2 * timeoutMs} ms`);
      return answer.data();
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      if (status === NOT_FOUND) return undefined;
      throw this.#judge(doing, status, error as Error);
    } finally {
      limit.abort();
    }
  }

  #judge(doing: string, status: number, error: Error): CodedError {
    const message = error.message.replace(`${CLIENT_ID} - `, '').replace(`Error, status ${status}: `, '');
    if (status === NO_ANSWER) return this.#unavailable(doing, message, error);
    const why = `HTTP ${status}: ${message}`;
    if (status >= 500 || status === 408 || status === 429) return this.#unavailable(doing, why, error);
    const ErrorClass = status === CONFLICT ? SchemaIncompatibleError : SchemaRegistryRefusedError;
    return new ErrorClass(`${doing}: the schema registry at ${this.url} answered ${why}`, { cause: error });
  }

  #unavailable(doing: string, why: string, cause?: Error): SchemaRegistryUnavailableError {
    const message = `${doing}: the schema registry at ${this.url} cannot be asked: ${why}`;
    return new SchemaRegistryUnavailableError(message, { cause });
  }

  #stored(data: unknown): StoredSchema {
    const { schema, schemaType, references } = fieldsOf(data);
    if (typeof schema !== 'string') throw this.#unavailable('a schema', 'it answered without a schema');
    return {
      text: schema,
      type: typeof schemaType === 'string' ? schemaType : 'AVRO',
      references: Array.isArray(references) ? (references as readonly SchemaReference[]) : [],
    };
  }

  #number(data: unknown, field: 'id' | 'version'): number {
    const value = fieldsOf(data)[field];
    if (typeof value === 'number') return value;
    throw this.#unavailable(field, `it answered without the field "${field}"`);
  }
}

function bodyOf(schema: AvroSchema): object {
  return { schema: JSON.stringify(schema) };
}

function fieldsOf(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

function statusOf(error: unknown): number | undefined {
  const { status } = fieldsOf(error);
  return typeof status === 'number' ? status : undefined;
}

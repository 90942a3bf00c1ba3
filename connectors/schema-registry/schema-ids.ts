import { DeserializationError } from '@incident-streams/streams';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import type { ReadSchema } from './read-schema.ts';

/** Random bytes taken for ids must not fill the memory. */
const MAX_UNKNOWN_IDS = 10_000;

/** What is known of schema ids: an id never changes its schema, but one that is unknown may get one. */
export class SchemaIds {
  readonly #answers = new Map<number, ReadSchema>();
  readonly #unknownUntilMs = new Map<number, number>();
  readonly #unknownIdMs: number;

  /** @param unknownIdMs how long an unknown id is not asked for again. */
  constructor(unknownIdMs: number) {
    this.#unknownIdMs = unknownIdMs;
  }

  /** @throws {DeserializationError} for what is no Avro schema. */
  schemaFor(id: number): AvroSchema | undefined {
    const answer = this.#answers.get(id);
    if (answer === undefined) return undefined;
    if ('schema' in answer) return answer.schema;
    throw new DeserializationError(`Schema id ${id} cannot be read with: ${answer.unreadable}`);
  }

  isSettled(id: number): boolean {
    return this.#answers.has(id);
  }

  isUnknown(id: number): boolean {
    const untilMs = this.#unknownUntilMs.get(id);
    return untilMs !== undefined && performance.now() < untilMs;
  }

  settle(id: number, answer: ReadSchema): void {
    this.#answers.set(id, answer);
    this.#unknownUntilMs.delete(id);
  }

  setUnknown(id: number): void {
    this.#unknownUntilMs.delete(id);
    this.#unknownUntilMs.set(id, performance.now() + this.#unknownIdMs);
    if (this.#unknownUntilMs.size <= MAX_UNKNOWN_IDS) return;
    const [oldest] = this.#unknownUntilMs.keys();
    if (oldest !== undefined) this.#unknownUntilMs.delete(oldest);
  }
}

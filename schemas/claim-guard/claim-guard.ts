import { fullName, isNamed, isPrimitive, isUnion, namespaceOf, qualify, shortName } from '../avro-schema.ts';
import type { AvroAnnotated, AvroArray, AvroMap, AvroRecord, AvroSchema } from '../avro-schema.ts';
import { DEFAULT_CLAIM_LIMITS } from './claim-limits.ts';
import type { ClaimLimits } from './claim-limits.ts';
import { Cursor, formatCount } from './cursor.ts';
import { minimumBytes } from './minimum-size.ts';
import { NamedTypes } from './named-types.ts';
import {
  walkBlocks,
  walkEnum,
  walkFixed,
  walkMapEntry,
  walkPrimitive,
  walkRecord,
  walkUnion,
} from './walks.ts';
import type { Walk } from './walks.ts';

/**
 * Checks the Avro value in `bytes` from `from` to the end against what it claims to hold, without decoding it.
 * What passes can be decoded at a cost in proportion to its size.
 * @throws {DeserializationError} naming the field and its claim.
 */
export type ClaimGuard = (bytes: Uint8Array, from: number) => void;

/**
 * Makes the guard for values *written* with a schema, which must be self-contained. A decoder believes what a
 * record says of itself: five bytes that claim 30 million nulls make it allocate 30 million entries. The guard
 * walks the same bytes first. In short:
 *
 * 1. every length and count is non-negative, within its limit, and fits into the bytes that are left;
 * 2. every enum symbol and union branch exists, every long can be read as a number exactly;
 * 3. every text is UTF-8: it takes no more room when it is written again;
 * 4. no map has a key that reaches an object's prototype;
 * 5. the value ends where the record ends.
 */
export function compileClaimGuard(schema: AvroSchema, limits: Partial<ClaimLimits> = {}): ClaimGuard {
  const cursor = new Cursor({ ...DEFAULT_CLAIM_LIMITS, ...limits });
  const { maxRecordBytes } = cursor.limits;
  const root = rootPath(schema);
  const walk = new WalkCompiler(schema).compile(schema, undefined, root);

  return (bytes, from) => {
    const size = bytes.length - from;
    if (size > maxRecordBytes) {
      cursor.fail(
        root,
        `takes ${formatCount(size)} bytes, at most ${formatCount(maxRecordBytes)} are allowed`,
      );
    }
    cursor.start(bytes, from);
    walk(cursor);
    if (cursor.left > 0) cursor.fail(root, `ends ${formatCount(cursor.left)} bytes before the record does`);
  };
}

function rootPath(schema: AvroSchema): string {
  if (typeof schema === 'string') return schema;
  if (isUnion(schema)) return 'union';
  return isNamed(schema) ? shortName(schema.name) : schema.type;
}

class WalkCompiler {
  readonly #types: NamedTypes;
  /** The records that are being compiled, so that one within itself refers to the walk that is being made. */
  readonly #open = new Map<string, { walk: Walk | undefined }>();

  constructor(schema: AvroSchema) {
    this.#types = new NamedTypes(schema);
  }

  compile(schema: AvroSchema, namespace: string | undefined, path: string): Walk {
    if (typeof schema === 'string') {
      if (isPrimitive(schema)) return walkPrimitive(schema, path);
      const full = qualify(schema, namespace);
      return this.compile(this.#types.get(full), namespaceOf(full), path);
    }
    if (isUnion(schema)) {
      return walkUnion(
        schema.map((branch) => this.compile(branch, namespace, path)),
        path,
      );
    }
    if (!isNamed(schema)) return this.#compileUnnamed(schema, namespace, path);
    switch (schema.type) {
      case 'record':
        return this.#compileRecord(schema, fullName(schema, namespace), path);
      case 'enum':
        return walkEnum(schema.symbols.length, path);
      case 'fixed':
        return walkFixed(schema.size, path);
    }
  }

  #compileUnnamed(
    schema: AvroArray | AvroMap | AvroAnnotated,
    namespace: string | undefined,
    path: string,
  ): Walk {
    if (schema.type === 'array') {
      const item = this.compile(schema.items, namespace, `${path}[]`);
      return walkBlocks(item, minimumBytes(schema.items, namespace, this.#types), path);
    }
    if (schema.type === 'map') {
      const entry = walkMapEntry(this.compile(schema.values, namespace, `${path}{}`), path);
      return walkBlocks(entry, 1 + minimumBytes(schema.values, namespace, this.#types), path);
    }
    // A schema of somebody else may hold what this one's types rule out, such as an "error".
    if (!isPrimitive(schema.type)) throw new Error(`${path} has the unknown type "${String(schema.type)}"`);
    return walkPrimitive(schema.type, path);
  }

  #compileRecord(schema: AvroRecord, full: string, path: string): Walk {
    const outer = this.#open.get(full);
    if (outer !== undefined) return (cursor) => outer.walk?.(cursor);
    const place: { walk: Walk | undefined } = { walk: undefined };
    this.#open.set(full, place);
    const fields = schema.fields.map((field) =>
      this.compile(field.type, namespaceOf(full), `${path}.${field.name}`),
    );
    this.#open.delete(full);
    place.walk = walkRecord(fields, path);
    return place.walk;
  }
}

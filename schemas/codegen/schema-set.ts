import { fullName, isNamed, isPrimitive, isUnion, namespaceOf, qualify } from '../avro-schema.ts';
import type { AvroEnum, AvroFixed, AvroRecord, AvroSchema } from '../avro-schema.ts';

export type NamedSchema = AvroRecord | AvroEnum | AvroFixed;

/** A schema file: `name` is the file's name without its extension, and must be that of the record within. */
export interface SchemaFile {
  readonly name: string;
  readonly schema: AvroRecord;
}

/** A named type, and the file that defines it. */
export interface Definition {
  readonly full: string;
  readonly file: string;
  readonly schema: NamedSchema;
}

/** Every named type of a set of schema files, wherever it is nested. */
export class SchemaSet {
  readonly files: readonly SchemaFile[];
  readonly #definitions = new Map<string, Definition>();

  constructor(files: readonly SchemaFile[]) {
    this.files = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const file of this.files) this.#collect(file.schema, undefined, file.name);
  }

  /** The types that a file defines, in the order in which they occur in it. */
  definedIn(file: string): Definition[] {
    return [...this.#definitions.values()].filter((definition) => definition.file === file);
  }

  /** @throws {Error} when no schema file defines the name. */
  definition(full: string): Definition {
    const definition = this.#definitions.get(full);
    if (definition === undefined) throw new Error(`No schema file defines "${full}"`);
    return definition;
  }

  /** The schema with every type it refers to written out where it occurs first, so that it stands by itself. */
  selfContained(schema: AvroRecord): AvroSchema {
    return this.#expand(schema, undefined, new Set());
  }

  #collect(schema: AvroSchema, enclosing: string | undefined, file: string): void {
    if (typeof schema === 'string') return;
    if (isUnion(schema)) {
      for (const branch of schema) this.#collect(branch, enclosing, file);
    } else if (isNamed(schema)) {
      const full = fullName(schema, enclosing);
      const other = this.#definitions.get(full);
      if (other !== undefined) throw new Error(`"${full}" is defined twice: in ${other.file} and in ${file}`);
      this.#definitions.set(full, { full, file, schema });
      if (schema.type !== 'record') return;
      for (const field of schema.fields) this.#collect(field.type, namespaceOf(full), file);
    } else if (schema.type === 'array') {
      this.#collect(schema.items, enclosing, file);
    } else if (schema.type === 'map') {
      this.#collect(schema.values, enclosing, file);
    }
  }

  #expand(schema: AvroSchema, enclosing: string | undefined, seen: Set<string>): AvroSchema {
    if (typeof schema === 'string') {
      if (isPrimitive(schema)) return schema;
      const full = qualify(schema, enclosing);
      return seen.has(full) ? full : this.#expand(this.definition(full).schema, namespaceOf(full), seen);
    }
    if (isUnion(schema)) return schema.map((branch) => this.#expand(branch, enclosing, seen));
    if (isNamed(schema)) {
      const full = fullName(schema, enclosing);
      // A type that an earlier reference has written out already is referred to from here on.
      if (seen.has(full)) return full;
      seen.add(full);
      if (schema.type !== 'record') return schema;
      const fields = schema.fields.map((field) => ({
        ...field,
        type: this.#expand(field.type, namespaceOf(full), seen),
      }));
      return { ...schema, fields };
    }
    if (schema.type === 'array') return { ...schema, items: this.#expand(schema.items, enclosing, seen) };
    if (schema.type === 'map') return { ...schema, values: this.#expand(schema.values, enclosing, seen) };
    return schema;
  }
}

import { fullName, isNamed, isUnion, namespaceOf } from '../avro-schema.ts';
import type { AvroEnum, AvroFixed, AvroRecord, AvroSchema } from '../avro-schema.ts';

type NamedSchema = AvroRecord | AvroEnum | AvroFixed;

/** The types that a self-contained schema defines, by their full names. */
export class NamedTypes {
  readonly #types = new Map<string, NamedSchema>();

  constructor(schema: AvroSchema) {
    this.#collect(schema, undefined);
  }

  /** @throws {Error} when the schema refers to a type that it does not define. */
  get(full: string): NamedSchema {
    const type = this.#types.get(full);
    if (type === undefined) throw new Error(`The schema refers to "${full}" without defining it`);
    return type;
  }

  #collect(schema: AvroSchema, enclosing: string | undefined): void {
    if (typeof schema === 'string') return;
    if (isUnion(schema)) {
      for (const branch of schema) this.#collect(branch, enclosing);
    } else if (isNamed(schema)) {
      const full = fullName(schema, enclosing);
      // The namespace is kept with the type: a reference elsewhere must not resolve its fields in another one.
      this.#types.set(full, { ...schema, name: full });
      if (schema.type !== 'record') return;
      for (const field of schema.fields) this.#collect(field.type, namespaceOf(full));
    } else if (schema.type === 'array') {
      this.#collect(schema.items, enclosing);
    } else if (schema.type === 'map') {
      this.#collect(schema.values, enclosing);
    }
  }
}

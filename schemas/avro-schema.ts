/** An Avro schema as its JSON text reads once parsed. https://avro.apache.org/docs/1.12.0/specification/ */
export type AvroSchema = string | readonly AvroSchema[] | AvroComplexSchema;

export type AvroComplexSchema = AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroAnnotated;

/** What every named type may carry. */
interface AvroNamed {
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly aliases?: readonly string[];
}

export interface AvroRecord extends AvroNamed {
  readonly type: 'record';
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly doc?: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
}

export interface AvroEnum extends AvroNamed {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface AvroFixed extends AvroNamed {
  readonly type: 'fixed';
  readonly size: number;
}

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}

export interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
}

/** A primitive with something to add, such as `{ type: 'long', logicalType: 'timestamp-millis' }`. */
export interface AvroAnnotated {
  readonly type: AvroPrimitive;
  readonly logicalType?: string;
}

export type AvroPrimitive = (typeof PRIMITIVES)[number];

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;

export function isPrimitive(name: string): name is AvroPrimitive {
  return (PRIMITIVES as readonly string[]).includes(name);
}

export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}

export function isNamed(schema: AvroComplexSchema): schema is AvroRecord | AvroEnum | AvroFixed {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed';
}

/** A name with its namespace: its own where it is dotted or states one, else the one around it. */
export function fullName(named: { name: string; namespace?: string }, enclosing: string | undefined): string {
  return qualify(named.name, named.namespace ?? enclosing);
}

/** What a reference stands for: dotted names are full names already. */
export function qualify(name: string, namespace: string | undefined): string {
  return name.includes('.') || namespace === undefined || namespace === '' ? name : `${namespace}.${name}`;
}

export function namespaceOf(full: string): string | undefined {
  const dot = full.lastIndexOf('.');
  return dot < 0 ? undefined : full.slice(0, dot);
}

export function shortName(full: string): string {
  return full.slice(full.lastIndexOf('.') + 1);
}

/** The full name of a record, enum or fixed schema; undefined for anything that has no name. */
export function schemaName(schema: AvroSchema): string | undefined {
  if (typeof schema === 'string' || isUnion(schema) || !isNamed(schema)) return undefined;
  // What another program registered may lack what its type says.
  return typeof schema.name === 'string' ? fullName(schema, undefined) : undefined;
}

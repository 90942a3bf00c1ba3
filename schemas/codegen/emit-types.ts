import { fullName, isNamed, isUnion, namespaceOf, qualify, shortName } from '../avro-schema.ts';
import type { AvroEnum, AvroField, AvroPrimitive, AvroSchema } from '../avro-schema.ts';
import { jsDoc } from './js-doc.ts';
import type { Definition, SchemaSet } from './schema-set.ts';

const PRIMITIVE_TYPES: Record<AvroPrimitive, string> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
};

/** The TypeScript source for the types that one schema file defines. */
export function emitTypes(set: SchemaSet, file: string): string {
  const definitions = set.definedIn(file);
  const imports = new Map<string, Set<string>>();
  const blocks = definitions.map((definition) => emitDefinition(set, definition, imports));
  const importLines = [...imports]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, names]) => `import type { ${[...names].toSorted().join(', ')} } from './${from}.ts';\n`);
  const header = `// Made by \`npm run schemas\` from schemas/${file}.avsc. Change that file, not this one.\n`;
  return [header + importLines.join(''), ...blocks].join('\n');
}

function emitDefinition(set: SchemaSet, definition: Definition, imports: Map<string, Set<string>>): string {
  const { schema, full, file } = definition;
  const name = shortName(full);
  const doc = jsDoc(schema.doc, '');
  if (schema.type === 'enum') return doc + emitEnum(name, schema);
  if (schema.type === 'fixed') return `${doc}export type ${name} = Uint8Array;\n`;

  const reference = (target: string): string => {
    const other = set.definition(target);
    const otherName = shortName(target);
    if (other.file !== file) {
      const names = imports.get(other.file) ?? new Set();
      imports.set(other.file, names.add(otherName));
    }
    return otherName;
  };
  const fields = schema.fields.map((field) => emitField(field, namespaceOf(full), reference));
  return `${doc}export interface ${name} {\n${fields.join('')}}\n`;
}

function emitEnum(name: string, schema: AvroEnum): string {
  const symbols = schema.symbols.map((symbol) => `'${symbol}'`);
  const constant = `${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()}_SYMBOLS`;
  return [
    `export type ${name} =\n${symbols.map((symbol) => `  | ${symbol}`).join('\n')};\n`,
    `\n/** Every {@link ${name}}, in the order of the schema. */\n`,
    `export const ${constant} = [\n${symbols.map((symbol) => `  ${symbol},\n`).join('')}] as const;\n`,
  ].join('');
}

function emitField(
  field: AvroField,
  namespace: string | undefined,
  reference: (full: string) => string,
): string {
  const unit = isTimestamp(field.type) ? 'Milliseconds since the epoch.' : undefined;
  const doc = [field.doc, unit].filter((text) => text !== undefined).join(' ');
  return `${jsDoc(doc, '  ')}  readonly ${field.name}: ${typeText(field.type, namespace, reference)};\n`;
}

function isTimestamp(schema: AvroSchema): boolean {
  if (typeof schema === 'string') return false;
  if (isUnion(schema)) return schema.some(isTimestamp);
  return 'logicalType' in schema && schema.logicalType === 'timestamp-millis';
}

function typeText(
  schema: AvroSchema,
  namespace: string | undefined,
  reference: (full: string) => string,
): string {
  if (typeof schema === 'string') {
    return PRIMITIVE_TYPES[schema as AvroPrimitive] ?? reference(qualify(schema, namespace));
  }
  if (isUnion(schema)) {
    // Null last, as TypeScript is mostly written.
    const branches = schema.toSorted((a, b) => Number(a === 'null') - Number(b === 'null'));
    return branches.map((branch) => typeText(branch, namespace, reference)).join(' | ');
  }
  if (isNamed(schema)) return reference(fullName(schema, namespace));
  if (schema.type === 'array') return `ReadonlyArray<${typeText(schema.items, namespace, reference)}>`;
  if (schema.type === 'map') {
    return `Readonly<Record<string, ${typeText(schema.values, namespace, reference)}>>`;
  }
  return PRIMITIVE_TYPES[schema.type];
}

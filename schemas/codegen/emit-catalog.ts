import type { SchemaSet } from './schema-set.ts';

/** The TypeScript source of the catalogue: every schema, standing by itself, so that none is read from disk. */
export function emitCatalog(set: SchemaSet): string {
  const names = set.files.map((file) => file.name);
  const schemas = set.files.map(
    ({ name, schema }) => `  ${name}: ${indentRest(JSON.stringify(set.selfContained(schema), null, 2))},\n`,
  );
  return [
    '// Made by `npm run schemas` from schemas/*.avsc. Change those files, not this one.\n',
    "import type { AvroSchema } from '../avro-schema.ts';\n",
    ...names.map((name) => `import type { ${name} } from './${name}.ts';\n`),
    '\n/** The TypeScript type of the values of each schema. */\n',
    `export interface SchemaTypes {\n${names.map((name) => `  readonly ${name}: ${name};\n`).join('')}}\n`,
    '\nexport type SchemaName = keyof SchemaTypes;\n',
    '\n/** Each schema with all that it refers to written out within. */\n',
    `export const SCHEMAS: Readonly<Record<SchemaName, AvroSchema>> = {\n${schemas.join('')}};\n`,
  ].join('');
}

function indentRest(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

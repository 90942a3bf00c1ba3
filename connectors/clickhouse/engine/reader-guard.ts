import type { ChdbAnalysis } from './chdb-addon.ts';
import { EngineError } from './engine-error.ts';

/**
 * Keeps readers from writing, and from reading what is not a table. Three walls, each of which would do for the
 * plain cases: the engine's grants (`engine-configuration.ts`), `readonly` on a reader's connection, and this check
 * of the statement, for what the first two let through:
 *
 * G1. Exactly one statement, of which ClickHouse's own parser says that it leaves no trace: no INTO OUTFILE either.
 * G2. No name that makes the engine read a file or run a text: `file` is an ordinary function that no grant covers.
 */
export function checkReaderStatement(
  analysis: ChdbAnalysis,
  sql: string,
  parameters: Iterable<string>,
): void {
  if (analysis.queryClass === UNPARSED) return;
  if (analysis.statementCount !== 1) refuse('Readers send one statement at a time');
  if (analysis.queryClass !== READ_ONLY) refuse('Readers can only read: this statement needs the writer');
  const name = forbiddenNameIn(sql, parameters);
  if (name !== undefined) refuse(`Readers cannot use ${name}: it reaches beyond the tables`);
}

const READ_ONLY = 0;
/** The engine answers it with a syntax error that says where. */
const UNPARSED = 4;
const READONLY_CODE = 164;

const FORBIDDEN_NAME =
  /(?<!\w)(file|eval|executable|catboostEvaluate|outfile|infile|format_template_\w+|(output_)?format_schema)(?!\w)/i;
/** Whatever makes it uncertain where a string literal begins and ends: then its content counts as well. */
const UNCERTAIN = /\\|--|\/\*|#|\$|[‘’“”]/;
/** `{name:Identifier}`: a parameter's value that becomes a name. */
const IDENTIFIER_PARAMETER = /\bIdentifier\b/i;
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`/g;

function forbiddenNameIn(sql: string, parameters: Iterable<string>): string | undefined {
  const texts = [UNCERTAIN.test(sql) ? decodeEscapes(sql) : withoutStrings(sql)];
  if (IDENTIFIER_PARAMETER.test(sql)) texts.push(sql, ...parameters);
  for (const text of texts) {
    const found = FORBIDDEN_NAME.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Quoted names stay: only what is a value goes. */
function withoutStrings(sql: string): string {
  return sql.replaceAll(QUOTED, (quoted) => (quoted.startsWith("'") ? "''" : quoted));
}

/** `\x66ile` in a quoted name is `file`. */
function decodeEscapes(sql: string): string {
  return sql.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function refuse(reason: string): never {
  throw new EngineError(`Code: ${READONLY_CODE}. DB::Exception: ${reason}. (READONLY)`);
}

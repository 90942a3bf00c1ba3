import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';
import { errorClassesOf } from './error-codes.ts';

export const ERROR_DOCS = 'docs/errors.md';

/** `docs/errors.md` explains exactly the codes that exist: | `CODE` | `Class` | meaning | what to do | */
export function checkErrorDocs(sources: readonly SourceFile[]): Violation[] {
  const rows = rowsOf(sources.find((source) => source.path === ERROR_DOCS)?.text ?? '');
  const classes = errorClassesOf(sources);
  const undocumented = classes
    .filter(({ code }) => code !== undefined && !rows.some((row) => row.code === code))
    .map(({ file, line, name, code }) => ({
      file,
      line,
      what: `${code} (${name}) is not in ${ERROR_DOCS}`,
      instead: `add a row: | \`${code}\` | \`${name}\` | what it means | what to do |`,
    }));
  return [...undocumented, ...rows.flatMap((row, index) => checkRow(row, index, rows, classes))];
}

interface Row {
  readonly line: number;
  readonly code: string;
  readonly className: string;
  readonly cells: readonly string[];
}

function rowsOf(text: string): Row[] {
  return text.split('\n').flatMap((content, index) => {
    const row = /^\|\s*`(?<code>[^`]+)`\s*\|\s*`(?<className>[^`]+)`\s*\|(?<rest>.*)\|\s*$/.exec(
      content,
    )?.groups;
    if (row === undefined) return [];
    const cells = (row['rest'] ?? '').split('|').map((cell) => cell.trim());
    return [{ line: index + 1, code: row['code'] ?? '', className: row['className'] ?? '', cells }];
  });
}

function checkRow(
  row: Row,
  index: number,
  rows: readonly Row[],
  classes: ReturnType<typeof errorClassesOf>,
): Violation[] {
  const at = { file: ERROR_DOCS, line: row.line };
  const owner = classes.find(({ code }) => code === row.code);
  if (owner === undefined) {
    return [
      {
        ...at,
        what: `no error class has the code ${row.code}`,
        instead: 'remove the row, or restore the class',
      },
    ];
  }
  if (owner.name !== row.className) {
    return [
      {
        ...at,
        what: `${row.code} belongs to ${owner.name}, not ${row.className}`,
        instead: 'name that class',
      },
    ];
  }
  if (rows.findIndex((other) => other.code === row.code) !== index) {
    return [{ ...at, what: `${row.code} is explained twice`, instead: 'keep one of the rows' }];
  }
  if (row.cells.length !== 2 || row.cells.some((cell) => cell === '')) {
    return [
      { ...at, what: `${row.code} is not explained`, instead: 'fill in its meaning and what to do about it' },
    ];
  }
  return [];
}

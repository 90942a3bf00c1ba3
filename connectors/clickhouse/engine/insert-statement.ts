/** Settings and a format at the end of an INSERT: the name of a file goes before them. */
const TAIL = /\s(?:SETTINGS\s(?:[^']|'[^']*')*?\s)?FORMAT\s+\w+\s*;?\s*$/i;
const OTHER_SOURCE = /\b(?:SELECT|VALUES|INFILE|WATCH)\b/i;
const VALUES = /\bVALUES\s*$/i;

/** Whether the statement can be fed from a file: not where it has a SELECT or VALUES of its own. */
export function takesFile(sql: string): boolean {
  return TAIL.test(sql) && !OTHER_SOURCE.test(sql);
}

/** The statement, with its rows in a file in place of behind it. */
export function insertFromFile(sql: string, path: string): string {
  return sql.replace(TAIL, (tail) => ` FROM INFILE '${escape(path)}'${tail}`);
}

/** Whether rows may follow the statement in memory: VALUES are read as SQL, to their end. */
export function takesValues(sql: string): boolean {
  return VALUES.test(sql);
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}

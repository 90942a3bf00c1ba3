/** What a system holds, as lines by section (a partition, a store, a key, a table): two of them can be compared. */
export type Content = ReadonlyMap<string, readonly string[]>;

const MAX_SHOWN = 10;
const MAX_LINE_CHARS = 300;

/** What the one holds and the other does not, for people; empty where they are equal. */
export function differences(expected: Content, actual: Content): string[] {
  const found: string[] = [];
  for (const section of new Set([...expected.keys(), ...actual.keys()])) {
    const [wanted, got] = [expected.get(section) ?? [], actual.get(section) ?? []];
    const at = firstDifference(wanted, got);
    if (at === undefined) continue;
    found.push(
      `${section}: ${wanted.length} lines expected, ${got.length} found; first difference in line ${at}\n` +
        `  expected ${shown(wanted[at])}\n  found    ${shown(got[at])}`,
    );
    if (found.length === MAX_SHOWN) break;
  }
  return found;
}

export function mergeContents(...contents: readonly Content[]): Content {
  return new Map(contents.flatMap((content) => [...content]));
}

function firstDifference(expected: readonly string[], actual: readonly string[]): number | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let line = 0; line < length; line++) if (expected[line] !== actual[line]) return line;
  return undefined;
}

function shown(line: string | undefined): string {
  if (line === undefined) return '(nothing)';
  return line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line;
}

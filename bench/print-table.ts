/** Figures of one thing, by name; the name says the unit. Names with `vs` are ratios: above 1 is faster than what follows it. */
export type FigureRow = Readonly<Record<string, number>>;

/** Figures by name, or, under one name, those of several things. */
export type Figures = Readonly<Record<string, number | Readonly<Record<string, FigureRow>>>>;

/** Prints figures by name, in columns; figures of several things as a table of their own. */
export function printTable(title: string, figures: Figures): void {
  const rows: string[][] = [];
  for (const [name, value] of Object.entries(figures))
    if (typeof value === 'number') rows.push([name, format(value)]);
  printRows(title, rows);
  for (const value of Object.values(figures)) {
    if (typeof value === 'number') continue;
    const names = Object.keys(Object.values(value)[0] ?? {});
    const header = ['', ...names];
    const lines = Object.entries(value).map(([thing, row]) => [
      thing,
      ...names.map((name) => format(row[name] ?? NaN)),
    ]);
    printRows('', [header, ...lines]);
  }
}

function printRows(title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  if (title !== '') {
    const total = widths.reduce((sum, width) => sum + width + 2, -2);
    process.stdout.write(`\n${title}\n${'-'.repeat(total)}\n`);
  }
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    process.stdout.write(`${cells.join('  ')}\n`);
  }
  process.stdout.write('\n');
}

function format(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString('en', {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

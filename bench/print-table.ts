/** Prints figures by name, in columns. */
export function printTable(title: string, figures: Readonly<Record<string, number>>): void {
  const rows = Object.entries(figures).map(([name, value]) => [name, format(value)] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  const numbers = Math.max(...rows.map(([, value]) => value.length));
  process.stdout.write(`\n${title}\n${'-'.repeat(width + numbers + 2)}\n`);
  for (const [name, value] of rows)
    process.stdout.write(`${name.padEnd(width)}  ${value.padStart(numbers)}\n`);
  process.stdout.write('\n');
}

function format(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString('en', {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

import type { Finding } from './finding.ts';

/** A line for each finding, and below it what differs and what could not be checked. */
export function asTable(findings: readonly Finding[]): string {
  const names = findings.map(nameOf);
  const width = Math.max(...names.map((name) => name.length));
  const lines = findings.flatMap((finding, i) => [
    `${(names[i] ?? '').padEnd(width)}  ${finding.verdict.padEnd('COULD-NOT-CHECK'.length)}  ${finding.compared}`.trimEnd(),
    ...detailsOf(finding).map((line) => `  ${line}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function nameOf({ check, part }: Finding): string {
  return part === null ? check : `${check} ${part}`;
}

function detailsOf({ differences, differenceCount, reasons }: Finding): readonly string[] {
  const rest = differenceCount - differences.length;
  return [
    ...differences.flatMap(({ at, expected, found }) => [
      `${at}`,
      `  expected ${expected}`,
      `  found    ${found}`,
    ]),
    ...(rest > 0 ? [`and ${rest} more, ${differenceCount} in all`] : []),
    ...reasons,
  ];
}

/** One object on one line. */
export function asJson(findings: readonly Finding[], exitCode: number): string {
  return `${JSON.stringify({ exitCode, findings })}\n`;
}

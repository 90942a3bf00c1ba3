import { fileURLToPath } from 'node:url';
import type { Finding } from '../../cli/verify/finding.ts';
import { startProgram } from '../main-job/support/demo-process.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface Verified {
  readonly exitCode: number | string;
  readonly findings: readonly Finding[];
  readonly stderr: string;
  /** The finding of a check, `redis incidents` say. */
  readonly of: (name: string) => Finding;
  /** The verdicts by check. */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** Runs `incidents verify --json` to its end, as people do. */
export async function verify(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Verified> {
  const child = startProgram([CLI, 'verify', '--json', ...args], environment);
  const exitCode = await child.ended;
  const text = child.stdout();
  if (text === '') throw new Error(`nothing was printed (${exitCode}):\n${child.stderr()}`);
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  const named = new Map(findings.map((finding) => [nameOf(finding), finding]));
  return {
    exitCode,
    findings,
    stderr: child.stderr(),
    of: (name) => {
      const finding = named.get(name);
      if (finding === undefined) throw new Error(`no finding of ${name} in ${text}`);
      return finding;
    },
    verdicts: Object.fromEntries(findings.map((finding) => [nameOf(finding), finding.verdict])),
  };
}

function nameOf({ check, part }: Finding): string {
  return part === null ? check : `${check} ${part}`;
}

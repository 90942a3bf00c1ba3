import pino from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly level: string;
  /** Replaced wherever they appear, whoever put them into a message. */
  readonly secrets: readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * Writes one JSON object a line: what anybody puts into a value cannot begin a line of its own, and no secret of the
 * configuration leaves the process.
 */
export function createLog({ level, secrets, destination }: LogOptions): Log {
  const hide = secretHider(secrets);
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: hide },
    },
    // What is written before the process ends must arrive.
    destination ?? pino.destination({ sync: true }),
  );
}

function secretHider(secrets: readonly string[]): (line: string) => string {
  // The longest first: one secret may begin another.
  const searched = [...secrets].sort((a, b) => b.length - a.length);
  const written = searched.map((secret) => JSON.stringify(secret).slice(1, -1));
  const hide = (text: string): string =>
    searched.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return (line) => {
    if (!written.some((secret) => line.includes(secret))) return line;
    // In values only: a secret that looks like a number or a key must not break the line.
    return `${JSON.stringify(JSON.parse(line, (_key, value: unknown) => (typeof value === 'string' ? hide(value) : value)))}\n`;
  };
}

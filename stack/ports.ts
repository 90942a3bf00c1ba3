import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortTakenError } from './errors.ts';

/** Where the stack is found on 127.0.0.1, natively as well as in containers. */
export const STACK_PORTS = {
  kafka: 9_092,
  schemaRegistry: 8_081,
  redis: 6_379,
  clickhouse: 8_123,
  postgres: 5_432,
  http: 8_080,
  monitoring: 9_464,
} as const;

export type PortName = keyof typeof STACK_PORTS;
export type Ports = Readonly<Record<PortName, number>>;

/** A stack that was killed a moment ago may still be closing. */
const WAIT_MS = 5_000;
const LOOK_AGAIN_MS = 100;

export function portsFrom(offset: number): Ports {
  const moved = Object.entries(STACK_PORTS).map(([name, port]) => [name, port + offset]);
  return Object.fromEntries(moved) as Ports;
}

/** @throws {PortTakenError} naming each port that another program listens on, and does not leave soon. */
export async function waitForPorts(
  wanted: Readonly<Record<string, number>>,
  waitMs = WAIT_MS,
): Promise<void> {
  const startedAt = Date.now();
  for (;;) {
    const looks = Object.entries(wanted).map(async ([name, port]) => ({
      name,
      port,
      free: await isFree(port),
    }));
    const taken = (await Promise.all(looks)).filter(({ free }) => !free);
    if (taken.length === 0) return;
    if (Date.now() - startedAt >= waitMs) {
      const list = taken.map(({ name, port }) => `${port} (${name})`).join(', ');
      throw new PortTakenError(
        `another program listens on 127.0.0.1, port ${list}: stop it, or move all ports, e.g. with --port-offset 10000`,
      );
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

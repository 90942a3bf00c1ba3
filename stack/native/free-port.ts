import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nobody uses at this moment. Not one of those that the system gives to whoever connects
 * somewhere (from 32,768 on): until a slow starter listens, some connection would often have it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (FIRST_EPHEMERAL - FIRST));
    if (await isFree(port)) return port;
  }
}

const FIRST = 20_000;
const FIRST_EPHEMERAL = 32_768;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { AwayHow } from './sink-harness.ts';

export interface Gate extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Breaks every connection and takes no new one, or lets nothing through any more. */
  shut(how: AwayHow): Promise<void>;
  open(): Promise<void>;
}

/** Stands before a server that stays as it is, and lets it seem to be away. */
export async function startGate(target: { readonly host: string; readonly port: number }): Promise<Gate> {
  const sockets = new Set<Socket>();
  let hangs = false;
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => void (hangs || to.write(chunk)));
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => to.destroy());
  };
  const server = createServer((socket) => {
    const upstream = connect(target.port, target.host);
    forward(socket, upstream);
    forward(upstream, socket);
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return breakAll();
    const closed = new Promise((resolve) => server.close(resolve));
    breakAll();
    await closed;
  };
  return {
    host: '127.0.0.1',
    port,
    async shut(how) {
      hangs = how === 'hangs';
      if (how === 'refuses') await close();
    },
    async open() {
      // What was swallowed would be missing in the middle of a connection.
      if (hangs) breakAll();
      hangs = false;
      if (!server.listening) await listen(server, port);
    },
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

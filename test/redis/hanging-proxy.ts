import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface HangingProxy {
  readonly url: string;
  /** From now on nothing is forwarded, in either direction. */
  hang(this: void): void;
  serve(this: void): void;
  close(): void;
}

/** Stands between client and server and can stop to forward, as a host that froze does. */
export async function startHangingProxy(target: string): Promise<HangingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let hanging = false;
  const forward = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (chunk) => hanging || to.write(chunk));
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    forward(socket, upstream);
    forward(upstream, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang: () => (hanging = true),
    serve: () => (hanging = false),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a TCP service that can be cut: connections break, and new ones are refused, until it is mended. */
export interface OutageProxy {
  readonly port: number;
  cut(): void;
  mend(): Promise<void>;
  close(): void;
}

export async function startOutageProxy(target: {
  readonly hostname: string;
  readonly port: number;
}): Promise<OutageProxy> {
  const sockets = new Set<Socket>();
  const forward = (inward: Socket): void => {
    const outward = connect(target.port, target.hostname);
    for (const socket of [inward, outward]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        inward.destroy();
        outward.destroy();
      });
    }
    inward.pipe(outward).pipe(inward);
  };
  let server = createServer(forward);
  const listen = async (port: number): Promise<void> => {
    server = createServer(forward).listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, cut, mend: () => listen(port), close: cut };
}

import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** An address that belongs to one server at a time, as a fail-over by name or by virtual IP makes it. */
export interface VirtualAddress {
  readonly url: string;
  /** Whoever is connected is cut off. */
  pointTo(this: void, url: string): void;
  /** From now on questions arrive, and answers get lost. */
  loseAnswers(this: void): void;
  close(): void;
}

export async function openVirtualAddress(target: string): Promise<VirtualAddress> {
  const sockets = new Set<Socket>();
  let current = new URL(target);
  let isLosingAnswers = false;
  const forward = (from: Socket, to: Socket, isWanted: () => boolean) => {
    sockets.add(from);
    from.on('data', (chunk) => isWanted() && to.write(chunk));
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => to.destroy());
  };
  const server = createServer((socket) => {
    const upstream = connect(Number(current.port), current.hostname);
    forward(socket, upstream, () => true);
    forward(upstream, socket, () => !isLosingAnswers);
  });
  const cutOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pointTo(url) {
      current = new URL(url);
      isLosingAnswers = false;
      cutOff();
    },
    loseAnswers: () => (isLosingAnswers = true),
    close() {
      server.close();
      cutOff();
    },
  };
}

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** https://kafka.apache.org/protocol#protocol_api_keys */
const END_TXN = 26;

/**
 * Stands between clients and a broker, and holds back some requests to end a transaction. What follows one on its
 * connection waits behind it. It reaches the broker in any case, also when the client has long hung up: late.
 */
export class LateProxy {
  /** How many requests to end a transaction were seen, and how many of them held back. */
  readonly seen = { all: 0, late: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #delayMs: () => number = () => 0;

  constructor(brokerPort: number) {
    this.#server = createServer((client) => {
      this.#serve(client, connect(brokerPort, '127.0.0.1'));
    });
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** From now on asks this for each request to end a transaction. */
  delayBy(delayMs: () => number): void {
    this.#delayMs = delayMs;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket, broker: Socket): void {
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    let delivered = Promise.resolve();
    onRequests(client, (request) => {
      const delayMs = request.readInt16BE(4) === END_TXN ? this.#delayOf() : 0;
      delivered = delivered.then(async () => {
        if (delayMs > 0) await sleep(delayMs);
        broker.write(request);
      });
    });
    broker.on('data', (chunk: Buffer) => client.write(chunk));
    client.on('error', () => client.destroy());
    client.on('close', () => void delivered.then(() => broker.end()));
    broker.on('error', () => client.destroy());
    broker.on('close', () => client.destroy());
  }

  #delayOf(): number {
    const delayMs = this.#delayMs();
    this.seen.all++;
    if (delayMs > 0) this.seen.late++;
    return delayMs;
  }
}

/** Each request with the four bytes of its length in front. */
function onRequests(client: Socket, onRequest: (request: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      onRequest(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  });
}

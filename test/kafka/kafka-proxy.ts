import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Keys of requests: https://kafka.apache.org/protocol#protocol_api_keys. */
export const PRODUCE = 0;
export const OFFSET_COMMIT = 8;
export const JOIN_GROUP = 11;
export const HEARTBEAT = 12;
export const SYNC_GROUP = 14;
export const END_TXN = 26;
export const TXN_OFFSET_COMMIT = 28;
export const ADD_PARTITIONS_TO_TXN = 24;

/** What becomes of the next request of a kind. The broker gets it in any case. */
export type Fault =
  /** The connection breaks when the broker has answered. */
  | 'lose-connection'
  /** The answer never comes, nor any later one of this connection. */
  | 'swallow-answer';

/** Stands between client and broker, sees single requests, and can lose the answers to some of them. */
export class KafkaProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #faults = new Map<number, Fault>();
  /** How many requests of each kind have gone to the broker. */
  readonly requests = new Map<number, number>();

  constructor(brokerPort: number) {
    this.#server = createServer((client) => this.#serve(client, connect(brokerPort, '127.0.0.1')));
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** The next request of this kind meets with this; those after it do not. */
  next(apiKey: number, fault: Fault): void {
    this.#faults.set(apiKey, fault);
  }

  /** Cuts every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #serve(client: Socket, broker: Socket): void {
    const faulty = new Map<number, Fault>();
    let silent = false;
    const close = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', close);
      socket.on('close', close);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    onFrames(client, (frame) => {
      this.#note(frame, faulty);
      broker.write(frame);
    });
    onFrames(broker, (frame) => {
      const fault = faulty.get(frame.readInt32BE(4));
      if (fault === 'lose-connection') close();
      if (fault === 'swallow-answer') silent = true;
      if (!silent && fault === undefined) client.write(frame);
    });
  }

  #note(request: Buffer, faulty: Map<number, Fault>): void {
    const apiKey = request.readInt16BE(4);
    this.requests.set(apiKey, (this.requests.get(apiKey) ?? 0) + 1);
    const fault = this.#faults.get(apiKey);
    if (fault === undefined) return;
    this.#faults.delete(apiKey);
    faulty.set(request.readInt32BE(8), fault);
  }
}

/** Requests and answers, each with the four bytes of its length in front. */
function onFrames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      onFrame(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  });
}

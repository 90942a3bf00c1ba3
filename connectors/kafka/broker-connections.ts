import { KafkaStoppedError } from '@incident-streams/streams/kafka';
import { Connection, NetworkError } from '@platformatic/kafka';
import type { API, Broker, ConnectionOptions } from '@platformatic/kafka';
import { protocolErrorOf } from './broker-errors.ts';

interface OpenedConnection {
  readonly connection: Connection;
  readonly ready: Promise<Connection>;
  /** Why it was lost; the requests that were lost with it are told only that it is closed. */
  lost?: Error;
}

/**
 * One connection to each broker, opened on first use, and anew when it was lost. The client package has such a pool
 * too, but it stops listening for errors of a connection after the first, and Node ends a process at the second.
 */
export class BrokerConnections {
  readonly #clientId: string;
  readonly #settings: ConnectionOptions;
  readonly #opened = new Map<string, OpenedConnection>();
  #closed = false;

  constructor(clientId: string, settings: ConnectionOptions) {
    this.#clientId = clientId;
    this.#settings = settings;
  }

  /** @throws {KafkaStoppedError} after `close` */
  async ask<Args extends unknown[], Response>(
    broker: Broker,
    api: API<Args, Response>,
    ...args: Args
  ): Promise<Response> {
    const opened = this.#to(broker);
    try {
      return await api.async(await opened.ready, ...args);
    } catch (error) {
      if (opened.lost === undefined || opened.lost === error || protocolErrorOf(error) !== undefined)
        throw error;
      throw new NetworkError(`The connection to ${addressOf(broker)} was lost.`, {
        cause: opened.lost,
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#opened.values()].map(closeConnection));
  }

  #to(broker: Broker): OpenedConnection {
    if (this.#closed) throw new KafkaStoppedError(CLOSED);
    const address = addressOf(broker);
    return this.#opened.get(address) ?? this.#open(address, broker);
  }

  #open(address: string, broker: Broker): OpenedConnection {
    const connection = new Connection(this.#clientId, this.#settings);
    const forget = (): void => {
      if (this.#opened.get(address) === opened) this.#opened.delete(address);
    };
    const opened: OpenedConnection = { connection, ready: connect(connection, broker) };
    this.#opened.set(address, opened);
    connection.on('error', (error) => {
      opened.lost = error;
      forget();
    });
    connection.on('close', forget);
    opened.ready.catch(forget);
    return opened;
  }
}

async function connect(connection: Connection, { host, port }: Broker): Promise<Connection> {
  await connection.connect(host, port);
  return connection;
}

/**
 * One that is still being opened cannot be closed in order; whoever waits for it is told so at once. One whose broker
 * takes nothing any more is not waited for.
 */
async function closeConnection({ connection }: OpenedConnection): Promise<void> {
  if (connection.isConnected()) {
    const tooLate = setTimeout(() => connection.socket.destroy(), CLOSE_MS);
    await connection.close();
    clearTimeout(tooLate);
  } else {
    connection.socket.destroy();
    connection.emit('error', new KafkaStoppedError(CLOSED));
  }
}

export function addressOf({ host, port }: Broker): string {
  return `${host}:${port}`;
}

const CLOSE_MS = 1_000;
const CLOSED = 'the connections to Kafka are closed';

import { KafkaStoppedError } from '@incident-streams/streams/kafka';
import { Connection } from '@platformatic/kafka';
import type { Broker, ConnectionOptions } from '@platformatic/kafka';

interface OpenedConnection {
  readonly connection: Connection;
  readonly ready: Promise<Connection>;
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
  async to(broker: Broker): Promise<Connection> {
    if (this.#closed) throw new KafkaStoppedError('the connections to Kafka are closed');
    const address = `${broker.host}:${broker.port}`;
    return (this.#opened.get(address) ?? this.#open(address, broker)).ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#opened.values()].map(closeConnection));
  }

  #open(address: string, broker: Broker): OpenedConnection {
    const connection = new Connection(this.#clientId, this.#settings);
    const forget = (): void => {
      if (this.#opened.get(address) === opened) this.#opened.delete(address);
    };
    const opened = { connection, ready: connect(connection, broker) };
    this.#opened.set(address, opened);
    connection.on('error', forget);
    connection.on('close', forget);
    opened.ready.catch(forget);
    return opened;
  }
}

async function connect(connection: Connection, { host, port }: Broker): Promise<Connection> {
  await connection.connect(host, port);
  return connection;
}

/** One that is still being opened cannot be closed in order, and would be waited for until its time is up. */
async function closeConnection({ connection }: OpenedConnection): Promise<void> {
  if (connection.isConnected()) await connection.close();
  else connection.socket.destroy();
}

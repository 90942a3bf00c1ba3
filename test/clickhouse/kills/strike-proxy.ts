import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * When the engine dies. `before`: an insert is on its way and has not reached it. `during`: it is reading or writing the
 * rows. `after`: it has answered, and nobody hears the answer.
 */
export type Moment = 'before' | 'during' | 'after';

export interface Strike {
  readonly moment: Moment;
  /** For `during`: how long the engine has had the beginning of the insert. */
  readonly delayMs: number;
  readonly kill: () => void;
}

export interface StrikeOutcome {
  /** Whether the engine had said that it has the rows. */
  readonly taken: boolean;
}

/** Stands between a sink and the engine, passes everything on, and strikes in the next insert when told to. */
export class StrikeProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #insert: string;
  #armed: (Strike & { readonly struck: (outcome: StrikeOutcome) => void }) | undefined;

  private constructor(enginePort: number, table: string) {
    this.#insert = `INSERT+INTO+${table}`;
    this.#server = createServer((client) => {
      this.#serve(client, connect(enginePort, '127.0.0.1'));
    });
  }

  /** Looks for inserts into one table. */
  static async start(engine: { readonly url: string }, table: string): Promise<StrikeProxy> {
    const proxy = new StrikeProxy(Number(new URL(engine.url).port), table);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the next insert was struck, and its connection is cut. */
  strike(strike: Strike): Promise<StrikeOutcome> {
    return new Promise((struck) => {
      this.#armed = { ...strike, struck };
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket, engine: Socket): void {
    let doomed: Strike | undefined;
    let taken = false;
    const cut = (): void => {
      client.destroy();
      engine.destroy();
    };
    const execute = (): void => {
      if (this.#armed !== doomed || this.#armed === undefined) return;
      const { kill, struck } = this.#armed;
      this.#armed = undefined;
      kill();
      cut();
      struck({ taken });
    };
    client.on('data', (chunk) => {
      if (doomed === undefined && this.#armed !== undefined && chunk.includes(this.#insert)) {
        doomed = this.#armed;
        if (doomed.moment === 'before') return execute();
        if (doomed.moment === 'during') setTimeout(execute, doomed.delayMs);
      }
      engine.write(chunk);
    });
    engine.on('data', (chunk) => {
      if (doomed === undefined) return client.write(chunk);
      taken ||= chunk.includes('HTTP/1.1 200');
      return execute();
    });
    for (const socket of [client, engine]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
  }
}

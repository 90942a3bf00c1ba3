import type { ServerResponse } from 'node:http';
import type { PlacedAlert } from './ports.ts';

export interface AlertClientLimits {
  /** Bytes that may wait for a client before it is let go. */
  readonly maxBufferedBytes: number;
  /** How long a client that is let go has to read what waits for it. */
  readonly drainMs: number;
  /** How soon a client should come back after its connection ended. */
  readonly retryMs: number;
}

/** Why a stream was ended; sent as the data of its last message, `event: end`. */
export interface EndReason {
  readonly code: 'HTTP_ALERTS_TOO_SLOW' | 'HTTP_SERVER_CLOSING' | 'HTTP_INTERNAL';
  readonly detail: string;
}

const TOO_SLOW: EndReason = {
  code: 'HTTP_ALERTS_TOO_SLOW',
  detail: 'More alerts were waiting than are kept for one client. Connect again with Last-Event-ID to go on.',
};

/**
 * One subscriber's event stream (the server-sent events of the HTML standard).
 *
 * 1. Memory is bounded: at most `maxBufferedBytes` wait for a client, or one alert, should it alone be larger.
 * 2. What was accepted is sent in order and whole. A client that is let go still gets what waits for it, if it
 *    reads within `drainMs`; so one that has much to catch up on gets ahead with every connection.
 * 3. The stream opens with the position it starts from, so that a client that is cut off before the first alert
 *    resumes from there.
 */
export class AlertClient {
  readonly #response: ServerResponse;
  readonly #limits: AlertClientLimits;
  #unsubscribe: (() => void) | undefined;
  #ended = false;

  constructor(response: ServerResponse, limits: AlertClientLimits) {
    this.#response = response;
    this.#limits = limits;
    response.once('close', () => this.#stop());
  }

  /** Writes the opening of the stream; the response's head must have been written. */
  start(position: string): void {
    this.#response.write(`retry: ${this.#limits.retryMs}\n\nid: ${position}\n\n`);
  }

  /** Hands over how to end the subscription, which is used at once if the stream has ended in the meantime. */
  endsWith(unsubscribe: () => void): void {
    if (this.#ended) unsubscribe();
    else this.#unsubscribe = unsubscribe;
  }

  send({ position, alert }: PlacedAlert): void {
    this.#write(`id: ${position}\nevent: alert\ndata: ${JSON.stringify(alert)}\n\n`);
  }

  /** A comment, which keeps proxies and the client from taking silence for a dead connection. */
  heartbeat(): void {
    this.#write(': heartbeat\n\n');
  }

  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#stop();
    this.#response.end(`event: end\ndata: ${JSON.stringify(reason)}\n\n`);
    const timer = setTimeout(() => this.#response.destroy(), this.#limits.drainMs);
    this.#response.once('close', () => clearTimeout(timer));
  }

  #write(frame: string): void {
    if (this.#ended) return;
    const waitingBytes = this.#response.writableLength;
    if (waitingBytes > 0 && waitingBytes + Buffer.byteLength(frame) > this.#limits.maxBufferedBytes) {
      this.end(TOO_SLOW);
      return;
    }
    this.#response.write(frame);
  }

  #stop(): void {
    this.#ended = true;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}

import { onTestFinished } from 'vitest';

export interface SseMessage {
  readonly event: string;
  readonly data: string;
}

/** A reader of server-sent events that keeps the last id as the HTML standard says, message or not. */
export class SseClient {
  readonly response: Response;
  lastEventId = '';
  raw = '';
  readonly messages: SseMessage[] = [];
  readonly ended: Promise<void>;
  readonly #abort: AbortController;
  #pending = '';
  #wake: () => void = () => undefined;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read();
  }

  static async connect(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
    const abort = new AbortController();
    const client = new SseClient(await fetch(url, { headers, signal: abort.signal }), abort);
    onTestFinished(() => client.disconnect());
    return client;
  }

  disconnect(): void {
    this.#abort.abort();
  }

  /** Resolves once what was read so far satisfies the condition. */
  async until(condition: (client: SseClient) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  alerts(): SseMessage[] {
    return this.messages.filter(({ event }) => event === 'alert');
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body ?? []) {
        const text = decoder.decode(chunk as Uint8Array, { stream: true });
        this.raw += text;
        this.#pending += text;
        this.#dispatch();
        this.#wake();
      }
    } catch {
      // Cut off by the test or by the server: what was read until then stands.
    }
    this.#wake();
  }

  #dispatch(): void {
    const blocks = this.#pending.split('\n\n');
    this.#pending = blocks.pop() ?? '';
    for (const block of blocks) {
      let event = 'message';
      let data: string | undefined;
      for (const line of block.split('\n')) {
        if (line.startsWith('id: ')) this.lastEventId = line.slice(4);
        if (line.startsWith('event: ')) event = line.slice(7);
        if (line.startsWith('data: ')) data = line.slice(6);
      }
      if (data !== undefined) this.messages.push({ event, data });
    }
  }
}

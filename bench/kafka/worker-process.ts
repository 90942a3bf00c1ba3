import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseWorkerMessage } from './worker-message.ts';
import type { WorkerMessage } from './worker-message.ts';

const OUTPUT_SHOWN_CHARS = 4_000;

export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** A worker that runs until its standard input ends: so it never outlives this process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #messages: WorkerMessage[] = [];
  readonly #ended: Promise<unknown>;
  #hasEnded = false;
  #errors = '';
  #wake: () => void = () => undefined;

  constructor({ command, args }: WorkerCommand) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('a worker without output');
    createInterface({ input: stdout }).on('line', (line) => {
      const message = parseWorkerMessage(line);
      if (message !== undefined) this.#messages.push(message);
      this.#wake();
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-OUTPUT_SHOWN_CHARS);
    });
    this.#ended = once(this.#child, 'close').finally(() => {
      this.#hasEnded = true;
      this.#wake();
    });
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the worker has not started');
    return pid;
  }

  /** Waits for the first message of the type. @throws when the worker ends without it, with what it wrote. */
  async message<Type extends WorkerMessage['type']>(
    type: Type,
  ): Promise<Extract<WorkerMessage, { type: Type }>> {
    for (;;) {
      const found = this.#messages.find((message) => message.type === type);
      if (found !== undefined) return found as Extract<WorkerMessage, { type: Type }>;
      this.assertRuns(type);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  assertRuns(awaited: string): void {
    if (this.#hasEnded)
      throw new Error(`the worker ended before "${awaited}"; the end of its output:\n${this.#errors}`);
  }

  /** Lets the worker finish, and waits for that. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  async kill(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

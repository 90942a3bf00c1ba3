import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorkerDump } from './check.ts';
import type { CommitStep, WorkerCommand, WorkerMessage, WorkerSettings } from './worker-messages.ts';

type MessageOf<Type extends WorkerMessage['type']> = Extract<WorkerMessage, { type: Type }>;

const PROGRAM = join(import.meta.dirname, 'worker.ts');
const ANSWER_MS = 60_000;

/** A worker process, as seen from the test that has started it. */
export class WorkerProcess {
  readonly name: string;
  /** Everything that it has said, with the time: what a failed test is explained with. */
  readonly journal: string[] = [];
  readonly stateDirectory: string;
  readonly #child: ChildProcess;
  readonly #messages = new EventEmitter({ captureRejections: false });

  constructor(name: string, settings: WorkerSettings) {
    this.name = name;
    this.stateDirectory = settings.stateDirectory;
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#messages.setMaxListeners(0);
    this.#child.stdin?.on('error', () => undefined);
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
    this.#child.once('exit', (code, signal) => {
      this.#note(`ended: ${signal ?? String(code)}`);
      this.#messages.emit('failed', {
        type: 'failed',
        reason: `the process has ended (${signal ?? String(code)})`,
      });
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The next message of this type; rejects when the worker fails or ends before it. */
  next<Type extends WorkerMessage['type']>(type: Type, limitMs = ANSWER_MS): Promise<MessageOf<Type>> {
    const heard = new Promise<MessageOf<Type>>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(limit);
        this.#messages.off(type, take);
        this.#messages.off('failed', refuse);
      };
      const take = (message: MessageOf<Type>): void => {
        done();
        resolve(message);
      };
      const refuse = ({ reason }: MessageOf<'failed'>): void => {
        done();
        reject(new Error(`${this.name} has failed: ${reason}`));
      };
      const limit = setTimeout(() => {
        done();
        reject(new Error(`${this.name} has not said "${type}" within ${limitMs} ms`));
      }, limitMs);
      this.#messages.on(type, take);
      this.#messages.on('failed', refuse);
    });
    heard.catch(() => undefined);
    return heard;
  }

  async start(): Promise<void> {
    const started = this.next('started');
    this.#tell({ type: 'start' });
    await started;
  }

  async close(): Promise<void> {
    const closed = this.next('closed');
    this.#tell({ type: 'close' });
    await closed;
  }

  async dump(): Promise<WorkerDump> {
    const file = join(this.stateDirectory, '..', `${this.name}.dump.json`);
    const dumped = this.next('dumped');
    this.#tell({ type: 'dump', file });
    await dumped;
    const content = JSON.parse(await readFile(file, 'utf8')) as WorkerDump;
    await rm(file);
    return content;
  }

  /** Resolves when the worker stands still in the middle of a commit, like a process that is about to die there. */
  async stopAt(step: CommitStep): Promise<MessageOf<'stopping'>> {
    const stopping = this.next('stopping');
    this.#tell({ type: 'stop-at', step });
    return stopping;
  }

  /** SIGSTOP: the process stands still and does not know it. */
  freeze(): void {
    this.#note('SIGSTOP');
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#note('SIGCONT');
    this.#child.kill('SIGCONT');
  }

  /** SIGKILL, which also ends a process that was stopped. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#note('SIGKILL');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #tell(command: WorkerCommand): void {
    this.#note(`told ${command.type}`);
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #hear(line: string): void {
    this.#note(line);
    const message = JSON.parse(line) as WorkerMessage;
    this.#messages.emit(message.type, message);
  }

  #note(text: string): void {
    this.journal.push(`${new Date().toISOString().slice(11, 23)} ${this.name} ${text}`);
  }
}

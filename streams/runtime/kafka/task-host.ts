import { ProcessingError, TopologyError } from '../../errors.ts';
import type { PlannedTask } from '../task/plan-tasks.ts';
import { KafkaFencedError, KafkaOffsetError, KafkaRefusedError, KafkaTopicError } from './errors.ts';
import type { KafkaTask } from './kafka-task.ts';
import { openTask } from './open-task.ts';
import type { TaskSurroundings } from './open-task.ts';
import { RestoreMeter } from './restore-meter.ts';
import type { TaskStatus } from './runtime-event.ts';
import { taskIdOf } from './task-id.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A task's turn. Short: a commit takes four answers from brokers, and each of them waits for the turn to end. */
const RECORDS_PER_TURN = 250;

export interface TaskHostCallbacks {
  /** A task was taken away by somebody else: what this process believes of the group may be out of date. */
  readonly onFenced: () => void;
  /** Something happened that trying again does not change. */
  readonly onFatal: (error: Error) => void;
}

/**
 * The tasks that are assigned to this process.
 *
 * 1. A task that fails is abandoned and opened again from what is committed, for as long as it is assigned.
 * 2. A task that was fenced is not: it has another owner, until the group says otherwise.
 * 3. What cannot get better by that ends the runtime: a processor that throws, a refusal, an offset that is gone.
 */
export class TaskHost {
  readonly #around: TaskSurroundings;
  readonly #callbacks: TaskHostCallbacks;
  readonly #slots = new Map<string, Slot>();
  /** What is being let go of; the same task is not opened again before that has ended. */
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(around: TaskSurroundings, callbacks: TaskHostCallbacks) {
    this.#around = around;
    this.#callbacks = callbacks;
  }

  /** The ids of the tasks that are assigned. */
  ids(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** Keeps what stays assigned, lets go of the rest, and begins to open what is new. */
  async assign(planned: readonly PlannedTask[]): Promise<void> {
    const wanted = new Map(planned.map((task) => [taskIdOf(task), task]));
    const gone = this.ids().filter((id) => !wanted.has(id));
    await Promise.all(gone.map((id) => this.#remove(id)));
    for (const [id, task] of wanted) if (!this.#slots.has(id)) this.#add(id, task);
  }

  /** Gives every task a turn; returns how many records were processed. */
  turn(): number {
    let processed = 0;
    for (const slot of this.#slots.values()) {
      if (slot.task === undefined) continue;
      try {
        processed += slot.task.step(RECORDS_PER_TURN);
        slot.task.advanceWallClock(this.#nowMs());
      } catch (error) {
        this.#failed(slot, error);
        continue;
      }
      if ((slot.task.commitDueInMs(performance.now()) ?? Infinity) <= 0) void this.#commit(slot, slot.task);
    }
    return processed;
  }

  /** When the next commit falls due by time alone, in milliseconds from now. */
  nextCommitInMs(): number {
    let next = Infinity;
    for (const { task } of this.#slots.values())
      next = Math.min(next, task?.commitDueInMs(performance.now()) ?? Infinity);
    return Math.max(0, next);
  }

  /** Commits what there is to commit, in every task; failures are dealt with as ever. */
  async commitAll(): Promise<void> {
    const commits = [...this.#slots.values()].flatMap((slot) => {
      return slot.task === undefined ? [] : [this.#commit(slot, slot.task)];
    });
    await Promise.all(commits);
  }

  /** Lets go of every task. What is not committed is left to whoever gets them. */
  async releaseAll(): Promise<void> {
    await this.assign([]);
    await Promise.all(this.#releasing.values());
  }

  statuses(): TaskStatus[] {
    return [...this.#slots].map(([id, { task, meter }]) => {
      const restore = meter.status();
      const state = task !== undefined ? 'running' : restore === undefined ? 'opening' : 'restoring';
      return { id, state, lag: task?.lag() ?? 0, restore, counters: task?.counters() ?? {} };
    });
  }

  /** The tasks at work, in the order of their ids. */
  running(): KafkaTask[] {
    return [...this.#slots.values()].flatMap(({ task }) => task ?? []).sort(byTaskId);
  }

  #add(id: string, planned: PlannedTask): void {
    const slot: Slot = {
      planned,
      task: undefined,
      abort: new AbortController(),
      meter: new RestoreMeter((restored) => this.#around.emit({ type: 'restored', task: id, ...restored })),
      work: Promise.resolve(),
    };
    this.#slots.set(id, slot);
    slot.work = (this.#releasing.get(id) ?? Promise.resolve()).then(() => this.#openUntilItWorks(slot));
  }

  async #remove(id: string): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    slot.abort.abort();
    await slot.work;
    await slot.task?.abandon();
    this.#around.emit({ type: 'task-closed', task: id });
  }

  async #openUntilItWorks(slot: Slot): Promise<void> {
    const { signal } = slot.abort;
    for (let pauseMs = FIRST_RETRY_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS)) {
      try {
        slot.task = await openTask(slot.planned, this.#around, { meter: slot.meter, signal });
        if (!signal.aborted) this.#around.wake();
        return;
      } catch (error) {
        slot.meter.stop();
        // An offset that was deleted in the middle of a restore: the next attempt begins elsewhere.
        if (isFatal(error) && !(error instanceof KafkaOffsetError)) return this.#callbacks.onFatal(error);
        if (error instanceof KafkaFencedError) return this.#disown(slot);
        this.#around.emit({
          type: 'retrying',
          what: `opening task ${taskIdOf(slot.planned)}`,
          reason: messageOf(error),
        });
        await pause(pauseMs, signal);
      }
    }
  }

  async #commit(slot: Slot, task: KafkaTask): Promise<void> {
    const startedAtMs = performance.now();
    try {
      const records = await task.commit();
      if (records === undefined) return;
      const durationMs = performance.now() - startedAtMs;
      this.#around.emit({ type: 'committed', task: task.id, records, durationMs });
    } catch (error) {
      if (slot.task === task) this.#failed(slot, error);
    }
  }

  /** Abandons the task, and opens it again where that may help. */
  #failed(slot: Slot, error: unknown): void {
    const { task } = slot;
    if (task === undefined) return;
    slot.task = undefined;
    this.#around.emit({ type: 'task-lost', task: task.id, reason: messageOf(error) });
    const abandoned = task.abandon();
    if (isFatal(error) || error instanceof KafkaFencedError) {
      slot.work = abandoned;
      if (isFatal(error)) this.#callbacks.onFatal(error);
      else this.#disown(slot);
    } else slot.work = abandoned.then(() => this.#openUntilItWorks(slot));
  }

  #disown(slot: Slot): void {
    const id = taskIdOf(slot.planned);
    this.#slots.delete(id);
    const released = slot.work.finally(() => this.#releasing.delete(id));
    this.#releasing.set(id, released);
    this.#callbacks.onFenced();
  }

  #nowMs(): number {
    return (this.#around.options.now ?? Date.now)();
  }
}

interface Slot {
  readonly planned: PlannedTask;
  readonly abort: AbortController;
  readonly meter: RestoreMeter;
  /** Undefined while it is being opened. */
  task: KafkaTask | undefined;
  /** The opening or the abandoning that is under way, or the last one. */
  work: Promise<void>;
}

function isFatal(error: unknown): error is Error {
  return (
    error instanceof ProcessingError ||
    error instanceof TopologyError ||
    error instanceof KafkaRefusedError ||
    error instanceof KafkaOffsetError ||
    error instanceof KafkaTopicError
  );
}

function byTaskId(left: KafkaTask, right: KafkaTask): number {
  return left.id.localeCompare(right.id, 'en', { numeric: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

import type { Database } from 'lmdb';
import { progressFrom } from '../sinks/sink-progress.ts';
import type { SinkProgress } from '../sinks/sink-progress.ts';
import type { TaskProgress } from '../task/ports.ts';

/** A sink that is given another topic begins there at the beginning. */
export interface SinkPlace {
  readonly connector: string;
  readonly topic: string;
  readonly partition: number;
}

/** What is remembered from one start to the next besides topics and stores. Save within a transaction. */
export class Progress {
  readonly #database: Database<Buffer, Buffer>;

  constructor(database: Database<Buffer, Buffer>) {
    this.#database = database;
  }

  ofTask(taskId: string): TaskProgress | undefined {
    return this.#read<TaskProgress>(`task:${taskId}`);
  }

  saveTask(taskId: string, progress: TaskProgress): void {
    this.#write(`task:${taskId}`, progress);
  }

  ofSink(sink: SinkPlace): SinkProgress | undefined {
    const progress = this.#read<SinkProgress>(keyOfSink(sink));
    return progress === undefined ? undefined : { ...progressFrom(progress.nextOffset), ...progress };
  }

  saveSink(sink: SinkPlace, progress: SinkProgress): void {
    this.#write(keyOfSink(sink), progress);
  }

  /** A producer's own position, stored together with the records that it stands for. */
  ofProducer(name: string): number | undefined {
    return this.#read<number>(`producer:${name}`);
  }

  saveProducer(name: string, position: number): void {
    this.#write(`producer:${name}`, position);
  }

  #read<T>(key: string): T | undefined {
    const bytes = this.#database.getBinary(Buffer.from(key));
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
  }

  #write(key: string, value: unknown): void {
    this.#database.putSync(Buffer.from(key), Buffer.from(JSON.stringify(value)));
  }
}

function keyOfSink({ connector, topic, partition }: SinkPlace): string {
  return `sink:${connector}:${topic}:${partition}`;
}

/*
 * A sink of one's own: appends a topic's records to files, one line of JSON for each, each record once.
 * docs/guide/write-a-sink.md explains it step by step.
 */
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@incident-streams/streams';
import type { SinkBatch, SinkConnector, SinkRecord, SinkSource } from '@incident-streams/streams';

/** A file could not be read or written, or has lost lines. */
export class JsonlFileError extends CodedError {
  readonly code = 'EXAMPLE_JSONL_FILE';
}

/** Writes `<topic>-<epoch>-<partition>.jsonl` files into the directory. One process writes a file at a time. */
export function createJsonlSink<V>(directory: string): SinkConnector<string, V> {
  return new JsonlSink<V>(directory);
}

class JsonlSink<V> implements SinkConnector<string, V> {
  readonly #directory: string;
  /** By partition, the mark that a file has had. */
  readonly #marks = new Map<number, number>();
  #source: SinkSource | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(source: SinkSource): Promise<void> {
    await this.#explain(async () => void (await mkdir(this.#directory, { recursive: true })));
    this.#source = source;
    for (let partition = 0; partition < source.partitions; partition++) await this.appliedOffset(partition);
    // A new file is durable only when its name is.
    await this.#explain(() => withFile(this.#directory, 'r', (directory) => directory.sync()));
  }

  async appliedOffset(partition: number): Promise<number> {
    const { mark } = await this.#explain(() => withFile(this.#pathOf(partition), 'a+', readEnd));
    this.#marks.set(partition, mark);
    return mark;
  }

  write({ partition, records, lastOffset }: SinkBatch<string, V>): Promise<void> {
    const path = this.#pathOf(partition);
    return this.#explain(() =>
      withFile(path, 'a+', async (file) => {
        const { mark, size } = await readEnd(file);
        if (mark < (this.#marks.get(partition) ?? -1)) throw new Error(`${path} has lost lines`);
        if (mark >= lastOffset) return;
        const lines = records.filter(({ offset }) => offset > mark).map(lineOf);
        await file.truncate(size);
        await file.appendFile(`${lines.join('')}{"mark":${lastOffset}}\n`);
        await file.datasync();
        this.#marks.set(partition, lastOffset);
      }),
    );
  }

  close(): Promise<void> {
    this.#source = undefined;
    return Promise.resolve();
  }

  #pathOf(partition: number): string {
    if (this.#source === undefined) throw new JsonlFileError('the sink is not open');
    const { topic, topicEpoch } = this.#source;
    return join(this.#directory, `${topic}-${topicEpoch}-${partition}.jsonl`);
  }

  async #explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof JsonlFileError ? error : new JsonlFileError(String(error), { cause: error });
    }
  }
}

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function lineOf({ offset, timestamp, key, value }: SinkRecord<unknown, unknown>): string {
  return `${JSON.stringify({ offset, timestamp, key, value })}\n`;
}

/** No line of a record ends like this: there the braces of the record follow. */
const MARK = /\{"mark":(\d+)\}\n/g;
const CHUNK_BYTES = 64 * 1024;

/** The last mark, and how much of the file counts: what follows the mark was being written when a process died. */
async function readEnd(file: FileHandle): Promise<{ mark: number; size: number }> {
  let tail = '';
  for (let start = (await file.stat()).size; start > 0;) {
    const length = Math.min(CHUNK_BYTES, start);
    start -= length;
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
    // One character for each byte.
    tail = buffer.toString('latin1') + tail;
    const last = [...tail.matchAll(MARK)].at(-1);
    if (last !== undefined) return { mark: Number(last[1]), size: start + last.index + last[0].length };
  }
  return { mark: -1, size: 0 };
}

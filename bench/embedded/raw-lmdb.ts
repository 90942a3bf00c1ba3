import { open } from 'lmdb';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { LOAD, loadChunks } from '../load.ts';

const EVENTS_PER_TRANSACTION = 5_000;

/**
 * The reads and writes of the bench topology on LMDB alone: log read, id looked up and written, aggregate read and
 * written. Nothing is decoded and nothing decided, so this is what the runtime's work is measured against.
 */
export async function benchRawLmdb(path: string): Promise<number> {
  const serde = createSerdes(new EmbeddedRegistry()).incidentEvent;
  const root = open<Buffer, Buffer>({ path, keyEncoding: 'binary', encoding: 'binary', maxDbs: 4 });
  const database = (name: string) =>
    root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
  const [log, seen, aggregates] = [database('log'), database('seen'), database('aggregates')];
  let written = 0;
  for (const chunk of loadChunks('events', serde)) {
    root.transactionSync(() => {
      for (const { value } of chunk) log.putSync(offsetKey(written++), Buffer.from(value ?? []));
    });
  }
  const started = performance.now();
  for (let from = 0; from < LOAD.events; from += EVENTS_PER_TRANSACTION) {
    root.transactionSync(() => {
      for (let offset = from; offset < from + EVENTS_PER_TRANSACTION; offset++) {
        if (log.getBinary(offsetKey(offset)) === undefined)
          throw new Error(`the log has no offset ${offset}`);
        const idKey = Buffer.from(`bench event-${offset}`);
        if (seen.getBinary(idKey) === undefined) seen.putSync(idKey, offsetKey(offset));
        const aggregateKey = Buffer.from(
          `service/component-${offset % LOAD.keys}@${Math.floor(offset / 100_000)}`,
        );
        const known = aggregates.getBinary(aggregateKey);
        const count = known === undefined ? 1 : known.readDoubleBE(0) + 1;
        aggregates.putSync(aggregateKey, countValue(count, offset));
      }
    });
  }
  const eventsPerSecond = LOAD.events / ((performance.now() - started) / 1000);
  await root.close();
  return eventsPerSecond;
}

function offsetKey(offset: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeDoubleBE(offset, 0);
  return key;
}

function countValue(count: number, lastTime: number): Buffer {
  const value = Buffer.allocUnsafe(16);
  value.writeDoubleBE(count, 0);
  value.writeDoubleBE(lastTime, 8);
  return value;
}

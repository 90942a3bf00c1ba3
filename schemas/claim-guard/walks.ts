import { isUtf8 } from 'node:buffer';
import type { AvroPrimitive } from '../avro-schema.ts';
import { PROTOTYPE_KEYS } from '../prototype-keys.ts';
import { formatCount } from './cursor.ts';
import type { Cursor } from './cursor.ts';

/**
 * Moves the cursor over one value, having checked what it claims. Each is made once for its place in a schema and
 * knows its path, so that walking allocates nothing.
 */
export type Walk = (cursor: Cursor) => void;

export function walkPrimitive(type: AvroPrimitive, path: string): Walk {
  switch (type) {
    case 'null':
      return () => undefined;
    case 'boolean':
      return (cursor) => {
        const position = cursor.position;
        cursor.skip(1, path);
        if (cursor.bytes[position]! > 1) cursor.fail(path, 'holds a boolean that is neither 0 nor 1');
      };
    case 'int':
      return (cursor) => cursor.skipInt(path);
    case 'long':
      return (cursor) => cursor.skipLong(path);
    case 'float':
      return (cursor) => cursor.skip(4, path);
    case 'double':
      return (cursor) => cursor.skip(8, path);
    case 'bytes':
      return walkBytes(path);
    case 'string':
      return walkString(path);
  }
}

export function walkFixed(size: number, path: string): Walk {
  return (cursor) => cursor.skip(size, path);
}

/** A length, then as many bytes. */
export function walkBytes(path: string): Walk {
  return (cursor) => {
    const size = readSize(cursor, path);
    cursor.position += size;
  };
}

/**
 * The same, in UTF-8 (Avro: "a string is encoded as a long followed by that many bytes of UTF-8 encoded character data").
 * Each byte that is none would be read as U+FFFD, which takes three when it is written again: too much, perhaps.
 */
export function walkString(path: string): Walk {
  return (cursor) => {
    const size = readSize(cursor, path);
    checkText(cursor, size, path);
    cursor.position += size;
  };
}

/** Short ASCII is looked through byte by byte, which beats the call into native code. */
const SHORT_TEXT_BYTES = 48;

function checkText(cursor: Cursor, size: number, path: string): void {
  const { bytes, position } = cursor;
  const end = position + size;
  if (size <= SHORT_TEXT_BYTES) {
    let i = position;
    while (i < end && bytes[i]! < 0x80) i++;
    if (i === end) return;
  }
  if (!isUtf8(bytes.subarray(position, end))) cursor.fail(path, 'holds a text that is not UTF-8');
}

function readSize(cursor: Cursor, path: string): number {
  const size = cursor.readLong(path);
  if (size < 0 || size > cursor.limits.maxStringBytes || size > cursor.end - cursor.position) {
    failLength(cursor, path, size);
  }
  return size;
}

function failLength(cursor: Cursor, path: string, size: number): never {
  if (size < 0) cursor.fail(path, `claims a length of ${formatCount(size)} bytes`);
  if (size > cursor.left) {
    cursor.fail(path, `claims ${formatCount(size)} bytes, ${formatCount(cursor.left)} are left`);
  }
  const allowed = formatCount(cursor.limits.maxStringBytes);
  cursor.fail(path, `holds ${formatCount(size)} bytes, at most ${allowed} are allowed`);
}

export function walkEnum(symbolCount: number, path: string): Walk {
  return (cursor) => {
    const index = cursor.readLong(path);
    if (index < 0 || index >= symbolCount) {
      cursor.fail(path, `holds symbol ${formatCount(index)} of an enum that has ${symbolCount}`);
    }
  };
}

export function walkUnion(branches: readonly Walk[], path: string): Walk {
  return (cursor) => {
    const index = cursor.readLong(path);
    if (index < 0 || index >= branches.length) {
      cursor.fail(path, `holds branch ${formatCount(index)} of a union that has ${branches.length}`);
    }
    branches[index]!(cursor);
  };
}

export function walkRecord(fields: readonly Walk[], path: string): Walk {
  return (cursor) => {
    enter(cursor, path);
    for (let i = 0; i < fields.length; i++) fields[i]!(cursor);
    cursor.depth--;
  };
}

/**
 * Arrays and maps: blocks of entries, each block a count, or a negative count and the block's size in bytes; an
 * empty block ends them. `entryBytes` is the least that one entry takes.
 */
export function walkBlocks(entry: Walk, entryBytes: number, path: string): Walk {
  return (cursor) => {
    enter(cursor, path);
    for (;;) {
      const claim = cursor.readLong(path);
      if (claim === 0) break;
      const blockEnd = claim < 0 ? readBlockEnd(cursor, path) : undefined;
      const count = Math.abs(claim);
      checkCount(cursor, count, entryBytes, path);
      for (let i = 0; i < count; i++) entry(cursor);
      // A reader that leaves the field out jumps by this size: where it lands must be where the entries end.
      if (blockEnd !== undefined && blockEnd !== cursor.position) {
        cursor.fail(path, 'claims another block size than its entries take');
      }
    }
    cursor.depth--;
  };
}

function enter(cursor: Cursor, path: string): void {
  if (++cursor.depth > cursor.limits.maxDepth) {
    cursor.fail(path, `lies more than ${cursor.limits.maxDepth} levels deep`);
  }
}

function readBlockEnd(cursor: Cursor, path: string): number {
  const size = cursor.readLong(path);
  if (size < 0 || size > cursor.left) {
    cursor.fail(path, `claims a block of ${formatCount(size)} bytes, ${formatCount(cursor.left)} are left`);
  }
  return cursor.position + size;
}

function checkCount(cursor: Cursor, count: number, entryBytes: number, path: string): void {
  if (count * entryBytes > cursor.left) {
    cursor.fail(path, `claims ${formatCount(count)} entries, ${formatCount(cursor.left)} bytes are left`);
  }
  cursor.entries += count;
  if (cursor.entries > cursor.limits.maxEntries) {
    const allowed = formatCount(cursor.limits.maxEntries);
    cursor.fail(path, `claims ${formatCount(count)} entries, a record may hold ${allowed} in all`);
  }
}

/** A map's entry: its key, which must not be one that reaches an object's prototype, and its value. */
export function walkMapEntry(value: Walk, path: string): Walk {
  const keyPath = `A key of ${path}`;
  return (cursor) => {
    const size = readSize(cursor, keyPath);
    if (size >= SHORTEST_REFUSED_KEY) refusePrototypeKey(cursor, size, path);
    checkText(cursor, size, keyPath);
    cursor.position += size;
    value(cursor);
  };
}

const REFUSED_KEYS = PROTOTYPE_KEYS.map((key) => ({
  key,
  bytes: new TextEncoder().encode(key),
}));
const SHORTEST_REFUSED_KEY = Math.min(...REFUSED_KEYS.map(({ bytes }) => bytes.length));

function refusePrototypeKey(cursor: Cursor, size: number, path: string): void {
  for (const { key, bytes } of REFUSED_KEYS) {
    if (bytes.length !== size) continue;
    let i = 0;
    while (i < size && cursor.bytes[cursor.position + i] === bytes[i]) i++;
    if (i === size) cursor.fail(path, `has the key "${key}", which is not allowed`);
  }
}

import type { Serde } from '../records/serde.ts';

/** A key as text with one character a byte: what a Map can look up, and what can be turned into the bytes again. */
export function keyName(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function keyBytes(name: string): Uint8Array {
  return Buffer.from(name, 'latin1');
}

export function serializedName<K>(serde: Serde<K>, key: K): string {
  return keyName(serde.serialize(key));
}

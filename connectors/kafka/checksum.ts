import { crc32c, Reader } from '@platformatic/kafka';

/** CRC-32C, as a number from 0 on. Wrapped as the package's own kind of buffer, for it would copy any other first. */
export function checksum(bytes: Buffer): number {
  return crc32c(Reader.from(bytes).buffer) >>> 0;
}

import type { StoredToken } from './token-table.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null until it has been found out. */
    caller: Caller | null;
  }
}

export interface Caller {
  /** Whose limits count: the token's, or those of the address where there is none. */
  readonly key: string;
  /** Absent where the server asks for none, and on public routes. */
  readonly token?: StoredToken;
}

/** An address as limits count it: of IPv6 the network, for a single machine may have all the addresses of one. */
export function addressKey(address: string | undefined): string {
  const plain = (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [before = '', after] = plain
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const head = before === '' ? [] : before;
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - after.length);
  return `${[...head, ...Array<string>(zeros).fill('0'), ...(after ?? [])].slice(0, 4).join(':')}::/64`;
}

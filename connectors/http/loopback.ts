import { isIPv4 } from 'node:net';

/** Whether only programs on this machine reach a server that listens there. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

import { HostRefusedError } from './errors.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests whose Host header names another machine. Without it a web page could point its own host name
 * at 127.0.0.1 (DNS rebinding) and read this API with the visitor's browser.
 */
export function createHostCheck(allowedHosts: readonly string[]): (hostHeader: string | undefined) => void {
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedHosts].map((name) => name.toLowerCase()));
  return (hostHeader) => {
    const name = hostHeader === undefined ? '' : withoutPort(hostHeader.toLowerCase());
    if (allowed.has(name)) return;
    throw new HostRefusedError('Ask for it by the address it listens on, or have this host name allowed.');
  };
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

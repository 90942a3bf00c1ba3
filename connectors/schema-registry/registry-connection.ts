import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { SchemaRegistryUsageError } from './errors.ts';

export interface RegistryConnectionOptions {
  /** `http[s]://[user:password@]host[:port][/path]`; for Apicurio the path is `/apis/ccompat/v7`. */
  readonly url: string;
  /** HTTP basic authentication. Default: what the URL holds, else none. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** Certificates, for `https:`. Default: those that Node trusts. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>;
  /** How long one question may take. Default 5,000. */
  readonly timeoutMs?: number;
}

export interface RegistryConnection {
  /** Without credentials: it goes into messages and logs. */
  readonly url: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  readonly agent: HttpAgent;
  readonly timeoutMs: number;
}

/** A batch of unknown ids must not open a connection for each. */
const MAX_SOCKETS = 8;
const DEFAULT_TIMEOUT_MS = 5_000;

/** @throws {SchemaRegistryUsageError} when the URL is none. */
export function resolveConnection(options: RegistryConnectionOptions): RegistryConnection {
  const url = parseUrl(options.url);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  // The agent's limit holds while a connection is being made, too.
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: timeoutMs };
  const username = decodeURIComponent(url.username);
  const auth = username === '' ? undefined : { username, password: decodeURIComponent(url.password) };
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    auth: options.auth ?? auth,
    agent:
      url.protocol === 'https:'
        ? new HttpsAgent({ ...agentOptions, ...options.tls })
        : new HttpAgent(agentOptions),
    timeoutMs,
  };
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Said below, without the text of the URL, which may hold a password.
  }
  throw new SchemaRegistryUsageError(
    'url: a schema registry is at http[s]://[user:password@]host[:port][/path]',
  );
}

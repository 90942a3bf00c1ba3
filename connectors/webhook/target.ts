import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { addressRule, guardedLookup } from './address-guard.ts';
import type { AddressRule } from './address-guard.ts';
import { WebhookTargetError } from './errors.ts';
import type { WebhookSinkOptions } from './options.ts';
import { keyOfSecret } from './signature.ts';

/** Where requests go, and how long they may take. */
export interface Target {
  readonly name: string;
  readonly url: URL;
  readonly keys: readonly Buffer[];
  readonly lookup: LookupFunction;
  readonly agent: HttpAgent;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly timeoutMs: number;
}

/**
 * Checks a target's options. Names are not resolved yet.
 * @throws {WebhookTargetError}
 */
export function targetOf(options: WebhookSinkOptions): Target {
  const { name, connectTimeoutMs = 5_000, headersTimeoutMs = 10_000, timeoutMs = 15_000 } = options;
  try {
    const mayAsk = addressRule(options.allowedNetworks ?? []);
    const url = urlOf(options, mayAsk);
    return {
      name,
      url,
      keys: keysOf(options.secrets),
      lookup: guardedLookup(mayAsk, options.resolve),
      agent: agentOf(url, options.ca),
      connectTimeoutMs,
      headersTimeoutMs,
      timeoutMs,
    };
  } catch (error) {
    if (!(error instanceof WebhookTargetError)) throw error;
    throw new WebhookTargetError(`webhook ${name}: ${error.message}`, { cause: error });
  }
}

/**
 * Whether a sink can be created for the target; nothing is sent, and no name resolved.
 * @throws {WebhookTargetError}
 */
export function checkWebhookTarget(options: WebhookSinkOptions): void {
  targetOf(options).agent.destroy();
}

/** The URL is not repeated in messages: its path or query may be what lets its holder in. */
function urlOf(
  { url: text, allowPlainHttp = false }: Pick<WebhookSinkOptions, 'url' | 'allowPlainHttp'>,
  mayAsk: AddressRule,
): URL {
  const url = URL.parse(text);
  if (url === null) throw new WebhookTargetError('url is no URL');
  if (url.protocol !== 'https:' && !(allowPlainHttp && url.protocol === 'http:')) {
    const allowed = allowPlainHttp ? 'http:// or https://' : 'https:// (or http://, with allowPlainHttp)';
    throw new WebhookTargetError(`url must begin with ${allowed}`);
  }
  if (url.username !== '' || url.password !== '')
    throw new WebhookTargetError('url must not hold a user or password: requests are signed');
  // A socket resolves names only, so addresses are looked at here. The URL has one spelling for all of theirs.
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !mayAsk(address))
    throw new WebhookTargetError(
      `url leads to ${address}, which is not allowed: name its network in allowedNetworks if that is meant`,
    );
  return url;
}

function keysOf(secrets: readonly string[]): readonly Buffer[] {
  const keys = secrets.map(keyOfSecret).filter((key) => key !== undefined);
  if (keys.length === secrets.length && (keys.length === 1 || keys.length === 2)) return keys;
  throw new WebhookTargetError('secret must be one or two of whsec_<base64 of 24 to 64 bytes>');
}

/** Of its own: the agent that all of Node shares may go by a proxy that the environment names. */
function agentOf(url: URL, ca: string | undefined): HttpAgent {
  if (url.protocol === 'http:') return new HttpAgent({ keepAlive: true });
  return new HttpsAgent({
    keepAlive: true,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  });
}

import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/** What a signature covers: the body alone could be sent again under another id or time. */
export interface SignedContent {
  readonly id: string;
  /** Whole seconds since the epoch, as the header has it. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

/**
 * The key in a secret of the form `whsec_<base64>`; undefined where it is none, or has fewer than 24 or more than 64
 * bytes.
 */
export function keyOfSecret(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const encoded = secret.slice(PREFIX.length);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length < MIN_SECRET_BYTES || key.length > MAX_SECRET_BYTES ? undefined : key;
}

/** The HMAC of version v1 (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme"). */
export function macOf(key: Buffer, { id, timestamp, body }: SignedContent): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/** The value of `webhook-signature`: one signature for each key, so that a receiver may have either. */
export function signatureHeader(keys: readonly Buffer[], content: SignedContent): string {
  return keys.map((key) => `v1,${macOf(key, content).toString('base64')}`).join(' ');
}

import { timingSafeEqual } from 'node:crypto';
import { WebhookSignatureError } from './errors.ts';
import { keyOfSecret, macOf } from './signature.ts';

/** A request as the receiver got it. */
export interface ReceivedWebhook {
  /** With names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as they came: JSON that was read and written again has another signature. */
  readonly body: string | Uint8Array;
}

export interface VerifyOptions {
  /** One of the secrets that the sender signs with, as `whsec_<base64>`. */
  readonly secret: string;
  /** How far the time of sending may lie from the receiver's, either way. Default 300 seconds. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since the epoch. Default: now. */
  readonly nowMs?: number;
}

/**
 * For receivers: checks who sent a request and when, and returns its id. An id that was seen before is a second copy of
 * the same alert.
 * @throws {WebhookSignatureError}
 */
export function verifyWebhook({ headers, body }: ReceivedWebhook, options: VerifyOptions): string {
  const { secret, toleranceSeconds = 300, nowMs = Date.now() } = options;
  const key = keyOfSecret(secret);
  if (key === undefined) throw new WebhookSignatureError('the secret is none: it must be whsec_<base64>');
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    oneValue(headers[name], name),
  ) as [string, string, string];
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookSignatureError('webhook-timestamp is no time');
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds)
    throw new WebhookSignatureError('webhook-timestamp is too far from the present');
  const expected = macOf(key, { id, timestamp, body });
  if (!signatures.split(' ').some((signature) => isSignature(signature, expected)))
    throw new WebhookSignatureError('no signature fits');
  return id;
}

function oneValue(value: string | readonly string[] | undefined, name: string): string {
  if (typeof value !== 'string' || value === '') throw new WebhookSignatureError(`${name} is missing`);
  return value;
}

function isSignature(signature: string, expected: Buffer): boolean {
  if (!signature.startsWith('v1,')) return false;
  const given = Buffer.from(signature.slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

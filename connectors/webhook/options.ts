import type { AlertFilter } from './alert-filter.ts';
import type { ResolveHost } from './address-guard.ts';
import type { WebhookEvent } from './events.ts';

/** One target. Times are in milliseconds. */
export interface WebhookSinkOptions {
  /** Stands for the target in errors, events and dead letters: its URL often is a secret. */
  readonly name: string;
  /** With https, unless `allowPlainHttp`; without user and password. */
  readonly url: string;
  /** Each as `whsec_<base64>` of 24 to 64 bytes; one, or two while receivers go over to a new one. */
  readonly secrets: readonly string[];
  readonly filter?: AlertFilter;
  /**
   * Networks besides the public internet that the target may lie in, as `10.1.0.0/16`. Default: none. Loopback,
   * private, link-local and reserved addresses are refused when connecting, whatever name leads there.
   */
  readonly allowedNetworks?: readonly string[];
  /** Default false. */
  readonly allowPlainHttp?: boolean;
  /** Certificates in PEM that are trusted instead of Node's. */
  readonly ca?: string;
  /** At most so many requests start in a second, of all partitions together. Default 10. */
  readonly requestsPerSecond?: number;
  /** After so many attempts an alert is dead-lettered. Default 15. */
  readonly maxAttempts?: number;
  /** Nor is it tried again so long after the first attempt of this process. Default 15 minutes. */
  readonly giveUpAfterMs?: number;
  /** The most that is waited before the second attempt; the double before the next, and so on. Default 1,000. */
  readonly firstBackoffMs?: number;
  /** Default two minutes. */
  readonly maxBackoffMs?: number;
  /** For the name, the connection and TLS. Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** From the connection until the headers of the answer are complete. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** For the whole request, the answer's body included. Default 15 s. */
  readonly timeoutMs?: number;
  /** How names are resolved. Default: as the machine does. */
  readonly resolve?: ResolveHost;
  /** Must not throw. */
  readonly onEvent?: (event: WebhookEvent) => void;
}

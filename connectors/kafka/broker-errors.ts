import { CodedError } from '@incident-streams/streams';
import { KafkaRefusedError } from '@incident-streams/streams/kafka';

/** What errors of the client package and of Node may carry; nothing of it is certain. */
interface ErrorFacts {
  readonly message?: unknown;
  readonly code?: unknown;
  /** The protocol's name of the error, as in "NOT_LEADER_OR_FOLLOWER". */
  readonly apiId?: unknown;
  readonly canRetry?: unknown;
  readonly serverErrorMessage?: unknown;
  readonly errors?: unknown;
  readonly cause?: unknown;
}

/** The name that the Kafka protocol has for this error, or for one that is behind it. */
export function protocolErrorOf(error: unknown): string | undefined {
  for (const { apiId } of behind(error)) if (typeof apiId === 'string') return apiId;
  return undefined;
}

/**
 * Whether the same request may succeed later: brokers that are away, moved leaders and coordinators. What is an error
 * neither of the network nor of the protocol is never so.
 */
export function isRetriable(error: unknown): boolean {
  const facts = [...behind(error)];
  if (facts.some(isFinal)) return false;
  const protocol = facts.filter(({ apiId }) => typeof apiId === 'string');
  if (protocol.length > 0)
    return protocol.every((one) => one.canRetry === true || PASSING.has(String(one.apiId)));
  return facts.some(({ code }) => code === 'PLT_KFK_NETWORK');
}

/** What an operator needs to know of the error, in a line. */
export function reasonOf(error: unknown): string {
  const reasons = new Set<string>();
  for (const facts of behind(error)) {
    if (typeof facts.apiId === 'string') {
      return (
        facts.apiId + (typeof facts.serverErrorMessage === 'string' ? `: ${facts.serverErrorMessage}` : '')
      );
    }
    if (typeof facts.message === 'string' && facts.message !== '')
      reasons.add(facts.message.replace(/\.$/, ''));
  }
  return reasons.size > 0 ? [...reasons].join(': ') : String(error);
}

/** What to throw in place of an error that will not pass. `what` is the subject, as in "creating topic x". */
export function asRefusal(what: string, error: unknown): Error {
  if (error instanceof CodedError) return error;
  const refused = protocolErrorOf(error) !== undefined || [...behind(error)].some(isFinal);
  if (refused) return new KafkaRefusedError(`${what}: ${reasonOf(error)}`, { cause: error });
  return error instanceof Error ? error : new Error(`${what}: ${String(error)}`);
}

/** Errors that the client package counts as final, but that pass when a broker comes back or a lock is let go. */
const PASSING: ReadonlySet<string> = new Set([
  'BROKER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'REASSIGNMENT_IN_PROGRESS',
]);

/** OpenSSL's and Node's codes of a certificate that is not trusted, or not for this host. */
const CERTIFICATE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_OSSL_|HOSTNAME_MISMATCH)/;
const BROKEN: ReadonlySet<string> = new Set(['PLT_KFK_NETWORK', 'ECONNRESET', 'EPIPE']);
const FINAL: ReadonlySet<string> = new Set(['PLT_KFK_AUTHENTICATION', 'PLT_KFK_USER', 'PLT_KFK_UNSUPPORTED']);

/** Wrong credentials or certificates; not a connection that broke while they were being looked at. */
function isFinal({ code, cause }: ErrorFacts): boolean {
  if (typeof code !== 'string') return false;
  if (CERTIFICATE.test(code)) return true;
  return FINAL.has(code) && ![...behind(cause)].some((one) => BROKEN.has(String(one.code)));
}

/** The error and all that it holds, outermost first. */
function* behind(error: unknown, depth = 0): Generator<ErrorFacts> {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return;
  const facts = error as ErrorFacts;
  yield facts;
  if (Array.isArray(facts.errors)) for (const one of facts.errors) yield* behind(one, depth + 1);
  yield* behind(facts.cause, depth + 1);
}

const MAX_DEPTH = 10;

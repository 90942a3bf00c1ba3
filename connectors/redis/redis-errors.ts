import { CodedError } from '@incident-streams/streams';

/** No answer from Redis within the time allowed: not connected, connection lost, still loading, or hanging. */
export class RedisUnavailableError extends CodedError {
  readonly code = 'REDIS_UNAVAILABLE';
}

/** Redis is above its `maxmemory` and takes no more writes. Nothing of the batch was applied. */
export class RedisOutOfMemoryError extends CodedError {
  readonly code = 'REDIS_OUT_OF_MEMORY';
}

/** The Redis user may not log in, run this command, or touch this key or channel. */
export class RedisForbiddenError extends CodedError {
  readonly code = 'REDIS_FORBIDDEN';
}

/** A key of the sink holds something else: another program writes under the same prefix. */
export class RedisWrongTypeError extends CodedError {
  readonly code = 'REDIS_WRONG_TYPE';
}

/** Redis answered a command with an error that has no code of its own here. */
export class RedisCommandError extends CodedError {
  readonly code = 'REDIS_COMMAND';
}

/** Redis forgot writes that it had confirmed (fail-over, flush, eviction): restore from `appliedOffset` on. */
export class RedisDataLostError extends CodedError {
  readonly code = 'REDIS_DATA_LOST';
}

/** The keys under this prefix belong to another topic, or to a later topic of the same name. */
export class RedisOtherTopicError extends CodedError {
  readonly code = 'REDIS_OTHER_TOPIC';
}

/** The keys under this prefix belong to another pipeline, by the name that each gives itself. */
export class RedisOtherPipelineError extends CodedError {
  readonly code = 'REDIS_OTHER_PIPELINE';
}

/** The connector was set up or called in a way that cannot work. */
export class RedisUsageError extends CodedError {
  readonly code = 'REDIS_USAGE';
}

/** In front of what the last sentinel answered, where none of them led to a master. */
const SENTINEL_SAID = 'Last error: ';

const CLASS_OF_REPLY: Readonly<
  Record<string, new (message: string, options: { readonly cause: string }) => CodedError>
> = {
  OOM: RedisOutOfMemoryError,
  NOPERM: RedisForbiddenError,
  NOAUTH: RedisForbiddenError,
  WRONGPASS: RedisForbiddenError,
  WRONGTYPE: RedisWrongTypeError,
  LOADING: RedisUnavailableError,
  MASTERDOWN: RedisUnavailableError,
  CLUSTERDOWN: RedisUnavailableError,
  NOREPLICAS: RedisUnavailableError,
  TRYAGAIN: RedisUnavailableError,
  // A fail-over has made another server the master.
  READONLY: RedisUnavailableError,
};

/** The first word of the reply that an error was made of, e.g. `MOVED`. Empty where it was not made of a reply. */
export function replyKindOf(error: unknown): string {
  return kindOf(replyOf(error));
}

/** The reply that an error was made of; empty where it was not made of one. */
export function replyOf(error: unknown): string {
  const cause = error instanceof CodedError ? error.cause : undefined;
  return typeof cause === 'string' ? cause : '';
}

function kindOf(reply: string): string {
  return /\b[A-Z]{3,}\b/.exec(reply)?.[0] ?? '';
}

/**
 * The error for a reply such as `WRONGTYPE Operation against …`, chosen by its first word. `doing` names the
 * command and, where it is known, the key.
 */
export function errorOfReply(reply: string, doing: string): CodedError {
  const ErrorClass = CLASS_OF_REPLY[kindOf(reply)] ?? RedisCommandError;
  return new ErrorClass(`${doing}: Redis answered "${reply}"`, { cause: reply });
}

/** Where Redis is, and who logs in there: for messages, without any password. */
export interface RedisPeer {
  readonly place: string;
  readonly login: string;
  /** Who logs in at the sentinels that lead there. */
  readonly sentinelLogin: string;
}

/** Whatever a call to Redis rejected with, as an error with a code. */
export function codedError(error: unknown, doing: string, peer: RedisPeer): CodedError {
  if (error instanceof CodedError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const { place } = peer;
  if (isLoginFailure(message)) {
    const login = message.includes(SENTINEL_SAID) ? peer.sentinelLogin : peer.login;
    return errorOfReply(message, `${doing} at ${place} ${login}`);
  }
  if (name === 'ReplyError') return errorOfReply(message, doing);
  return new RedisUnavailableError(`${doing}: Redis at ${place}: ${message}`);
}

/** Whether Redis, or a sentinel, says that who logged in is nobody or may not: waiting will not help. */
export function isLoginFailure(message: string): boolean {
  return /(^|because |Last error: )(NOAUTH|WRONGPASS|NOPERM)\b/.test(message);
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { JsonForbiddenKeyError, JsonInvalidError, JsonTooDeepError, MediaTypeError } from './errors.ts';

/** More than any request needs (a batch of events with attributes nests three deep), and shallow enough for recursion. */
const MAX_DEPTH = 32;

type BodyParser = (
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, value?: unknown) => void,
) => void;

/**
 * Makes `application/json` in UTF-8 the only body this server reads. Browsers cannot send it to another site
 * without asking first, so it also keeps foreign pages from posting.
 */
export function acceptOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  acceptJsonAs('application/json', app);
}

/** Reads bodies of one more media type as JSON, as strictly, on the routes of this scope. */
export function acceptJsonAs(mediaType: string, scope: FastifyInstance): void {
  scope.addContentTypeParser(mediaType, { parseAs: 'buffer' }, jsonParser(scope) as never);
}

function jsonParser(app: FastifyInstance): BodyParser {
  const parseStrictly = strictParser(app);
  return (request, body, done) => {
    try {
      requireUtf8(request.headers['content-type'] ?? '');
      const text = decodeUtf8(body);
      requireShallow(text);
      done(null, parseStrictly(request, text));
    } catch (error) {
      done(error as Error);
    }
  };
}

/** Fastify's own parser refuses `__proto__` and `constructor.prototype` but gives both faults one error. */
function strictParser(app: FastifyInstance): (request: FastifyRequest, text: string) => unknown {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (request, text) => {
    const result: { error: Error | null; value: unknown } = { error: null, value: undefined };
    void parse(request, text, (error, value) => {
      result.error = error;
      result.value = value;
    });
    if (result.error !== null) throw explain(text);
    return result.value;
  };
}

function explain(text: string): Error {
  if (text.trim() === '') return new JsonInvalidError('The body is empty.');
  try {
    JSON.parse(text);
  } catch (error) {
    return new JsonInvalidError(`The body cannot be read as JSON: ${positionOf(error)}`);
  }
  return new JsonForbiddenKeyError(
    'The keys "__proto__" and "constructor.prototype" are not allowed in any object.',
  );
}

/** V8's messages quote the input; only the position is of use to the sender. */
function positionOf(error: unknown): string {
  const at = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return at === undefined
    ? 'it ends too early or holds something else.'
    : `it goes wrong at character ${at}.`;
}

function requireUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw new MediaTypeError(`JSON is read as UTF-8, not as ${charset}.`);
  }
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new JsonInvalidError('The body is not valid UTF-8.');
  }
}

/** Checked before parsing, so that no later step has to walk a structure of any depth. */
function requireShallow(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at += 1;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      depth += 1;
      if (depth > MAX_DEPTH)
        throw new JsonTooDeepError(`Objects and arrays may nest at most ${MAX_DEPTH} deep.`);
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth -= 1;
  }
}

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

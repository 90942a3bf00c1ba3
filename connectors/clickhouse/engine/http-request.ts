import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Statement } from './chdb-engine.ts';
import { EngineError } from './engine-error.ts';
import { WRITER_USERNAME } from './protocol.ts';

const MAX_WRITER_BODY_BYTES = 1024 ** 3;
const MAX_READER_BODY_BYTES = 1024 ** 2;
/** What the HTTP interface takes for itself, or what only a server has. Every other name is a setting. */
const NOT_A_SETTING = new Set(
  (
    'query query_id database default_format user password quota_key role session_id session_timeout session_check ' +
    'close_session compress decompress stacktrace wait_end_of_query buffer_size http_response_buffer_size ' +
    'send_progress_in_http_headers http_headers_progress_interval_ms enable_http_compression ' +
    'http_zlib_compression_level add_http_cors_header'
  ).split(' '),
);
/** With such a statement in the URL, the body holds its rows. */
const TAKES_ROWS = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*INSERT\b/is;

/** Reads a statement out of a request to ClickHouse's HTTP interface. */
export async function readStatement(
  request: IncomingMessage,
  url: URL,
  options: { readonly database: string; readonly access: 'read' | 'write' },
): Promise<Statement> {
  const parameters = url.searchParams;
  const body = await readBody(request, options.access);
  const inUrl = parameters.get('query') ?? '';
  const rowsInBody = body.length > 0 && options.access === 'write' && TAKES_ROWS.test(inUrl);
  const sql = rowsInBody || body.length === 0 ? inUrl : `${inUrl}\n${body.toString('utf8')}`;
  if (sql.trim() === '') throw new EngineError('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)');
  return {
    sql,
    ...(rowsInBody ? { data: body } : {}),
    format: parameters.get('default_format') ?? headerOf(request, 'x-clickhouse-format') ?? 'TabSeparated',
    database: parameters.get('database') ?? headerOf(request, 'x-clickhouse-database') ?? options.database,
    settings: new Map([...parameters].filter(([name]) => !NOT_A_SETTING.has(name))),
    access: options.access,
  };
}

/** Who asks: the writer with the right password, or, without one, a reader. GET never writes. */
export function accessOf(request: IncomingMessage, url: URL, writerPassword: string): 'read' | 'write' {
  const { username, password } = credentialsOf(request, url);
  if (username === WRITER_USERNAME && sameText(password, writerPassword)) {
    return request.method === 'POST' ? 'write' : 'read';
  }
  if ((username === '' || username === 'default') && password === '') return 'read';
  throw new EngineError(
    `Code: 516. DB::Exception: ${username}: Authentication failed: password is incorrect, ` +
      'or there is no user with such name. (AUTHENTICATION_FAILED)',
  );
}

function credentialsOf(request: IncomingMessage, url: URL): { username: string; password: string } {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [username = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { username, password: rest.join(':') };
  }
  return {
    username: headerOf(request, 'x-clickhouse-user') ?? url.searchParams.get('user') ?? '',
    password: headerOf(request, 'x-clickhouse-key') ?? url.searchParams.get('password') ?? '',
  };
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readBody(request: IncomingMessage, access: 'read' | 'write'): Promise<Buffer> {
  if (request.headers['content-type']?.startsWith('multipart/') === true) {
    throw new EngineError(
      'Code: 48. DB::Exception: Multipart bodies are not implemented here. (NOT_IMPLEMENTED)',
    );
  }
  const maxBytes = access === 'write' ? MAX_WRITER_BODY_BYTES : MAX_READER_BODY_BYTES;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of decoded(request) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new EngineError(`Code: 307. DB::Exception: The body exceeds ${maxBytes} bytes. (TOO_MANY_BYTES)`);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

function decoded(request: IncomingMessage): Readable {
  const encoding = headerOf(request, 'content-encoding') ?? 'identity';
  switch (encoding) {
    case 'identity':
      return request;
    case 'gzip':
      return pipeInto(request, createGunzip());
    case 'deflate':
      return pipeInto(request, createInflate());
    case 'br':
      return pipeInto(request, createBrotliDecompress());
    case 'zstd':
      return pipeInto(request, createZstdDecompress());
    default:
      throw new EngineError(
        `Code: 6. DB::Exception: Unknown Content-Encoding ${encoding}. (CANNOT_PARSE_TEXT)`,
      );
  }
}

function pipeInto<T extends Readable & NodeJS.WritableStream>(request: IncomingMessage, decoder: T): T {
  request.on('error', (error) => decoder.destroy(error));
  return request.pipe(decoder);
}

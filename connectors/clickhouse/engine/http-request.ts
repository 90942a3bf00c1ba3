import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Statement } from './chdb-engine.ts';
import { EngineError } from './engine-error.ts';
import { bodyOf } from './http-body.ts';
import { takesFile } from './insert-statement.ts';
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
const INSERT = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*INSERT\b/is;

/** Reads a statement out of a request to ClickHouse's HTTP interface. */
export async function readStatement(
  request: IncomingMessage,
  url: URL,
  options: { readonly database: string; readonly access: 'read' | 'write' },
): Promise<Statement> {
  const parameters = url.searchParams;
  const inUrl = parameters.get('query') ?? '';
  const body = bodyOf(request, options.access === 'write' ? MAX_WRITER_BODY_BYTES : MAX_READER_BODY_BYTES);
  const source = await readSource(inUrl, body, options.access);
  if (source.sql.trim() === '') throw new EngineError('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)');
  return {
    ...source,
    format: parameters.get('default_format') ?? headerOf(request, 'x-clickhouse-format') ?? 'TabSeparated',
    database: parameters.get('database') ?? headerOf(request, 'x-clickhouse-database') ?? options.database,
    settings: new Map([...parameters].filter(([name]) => !NOT_A_SETTING.has(name))),
    access: options.access,
  };
}

/** Rows for a file pass through as they arrive; all else is small, and the engine needs the whole of it. */
async function readSource(
  inUrl: string,
  body: AsyncIterable<Buffer>,
  access: 'read' | 'write',
): Promise<Pick<Statement, 'sql' | 'rows'>> {
  const insert = access === 'write' && INSERT.test(inUrl);
  if (insert && takesFile(inUrl)) return { sql: inUrl, rows: body };
  const whole = await buffer(body);
  if (whole.length === 0) return { sql: inUrl };
  return insert
    ? { sql: inUrl, rows: Readable.from([whole]) }
    : { sql: `${inUrl}\n${whole.toString('utf8')}` };
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

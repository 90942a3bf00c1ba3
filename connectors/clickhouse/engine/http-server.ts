import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ChdbEngine, StatementResult } from './chdb-engine.ts';
import { EngineError, toEngineError } from './engine-error.ts';
import { accessOf, readStatement } from './http-request.ts';
import { httpStatusOf } from './http-status.ts';

export interface HttpServerOptions {
  readonly database: string;
  readonly writerPassword: string;
}

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const OK_PATHS = new Set(['/ping', '/replicas_status']);
const compress = promisify(gzip);

/** Speaks as much of ClickHouse's HTTP interface as its clients, `curl` and the usual SQL tools ask for. */
export function createHttpServer(engine: ChdbEngine, options: HttpServerOptions): Server {
  // A connection may stay silent: whoever started the engine keeps one open to notice its end.
  const timeouts = { keepAliveTimeout: 30_000, requestTimeout: 0, headersTimeout: 0 };
  return createServer(timeouts, (request, response) => {
    void answer(engine, options, request, response);
  });
}

async function answer(
  engine: ChdbEngine,
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const headers: OutgoingHttpHeaders = {
    'X-ClickHouse-Query-Id': url.searchParams.get('query_id') ?? randomUUID(),
    'X-ClickHouse-Server-Display-Name': 'chdb',
    'X-ClickHouse-Timezone': 'UTC',
  };
  try {
    checkHost(request);
    if (OK_PATHS.has(url.pathname) || isGreeting(request, url)) return send(response, 200, headers, 'Ok.\n');
    if (url.pathname !== '/') return send(response, 404, headers, `There is no handle ${url.pathname}\n`);
    const access = accessOf(request, url, options.writerPassword);
    const statement = await readStatement(request, url, { database: options.database, access });
    const result = await engine.run(statement);
    Object.assign(headers, {
      'X-ClickHouse-Format': statement.format,
      'X-ClickHouse-Summary': summaryOf(result),
      'Content-Type': contentTypeOf(statement.sql, statement.format),
    });
    return await sendBody(request, url, response, headers, result.body);
  } catch (error) {
    sendError(response, headers, toEngineError(error));
  }
}

/** A page in a browser can make its own host name point here: only requests that name this machine are meant. */
function checkHost(request: IncomingMessage): void {
  const host = (request.headers.host ?? '127.0.0.1').replace(/:\d+$/, '');
  if (!LOOPBACK_NAMES.has(host)) {
    throw new EngineError(`Code: 497. DB::Exception: No access under the name ${host}. (ACCESS_DENIED)`);
  }
}

function isGreeting(request: IncomingMessage, url: URL): boolean {
  return request.method === 'GET' && url.pathname === '/' && !url.searchParams.has('query');
}

async function sendBody(
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): Promise<void> {
  const wanted = url.searchParams.get('enable_http_compression') === '1';
  if (!wanted || !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    return send(response, 200, headers, body);
  }
  send(response, 200, { ...headers, 'Content-Encoding': 'gzip' }, await compress(body));
}

function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer | string,
): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function sendError(response: ServerResponse, headers: OutgoingHttpHeaders, error: EngineError): void {
  send(
    response,
    httpStatusOf(error.clickHouseCode),
    {
      ...headers,
      'X-ClickHouse-Exception-Code': error.clickHouseCode,
      'Content-Type': 'text/plain; charset=UTF-8',
      // What is left of the body was not read, so nothing else can follow on this connection.
      ...(response.req.complete ? {} : { Connection: 'close' }),
    },
    `${error.message}\n`,
  );
}

function summaryOf(result: StatementResult): string {
  return JSON.stringify({
    read_rows: String(result.readRows),
    read_bytes: String(result.readBytes),
    written_rows: String(result.writtenRows),
    written_bytes: String(result.writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(result.writtenRows),
    result_bytes: String(result.body.length),
    elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
  });
}

function contentTypeOf(sql: string, defaultFormat: string): string {
  const format = /\bFORMAT\s+(\w+)\s*(?:;|SETTINGS\b.*)?\s*$/is.exec(sql.slice(-1000))?.[1] ?? defaultFormat;
  if (/^JSON(Compact|Strings|Columns.*|ColumnsWithMetadata)?$/.test(format))
    return 'application/json; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8';
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  return /^(RowBinary|Native|Parquet|Arrow|ORC|Avro)/.test(format)
    ? 'application/octet-stream'
    : 'text/plain; charset=UTF-8';
}

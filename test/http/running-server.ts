import { request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import type {
  FieldProblem,
  HttpPorts,
  HttpServerOptions,
  LedgerCounts,
  PartitionLedger,
} from '../../connectors/http/index.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { MemoryPipeline } from './memory-ports.ts';

export interface RunningServer {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly pipeline: MemoryPipeline;
  readonly logged: string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: JsonAnswer;
}

/** Every field that some answer has: which of them are there is for each test to say. */
export interface JsonAnswer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  readonly incidents: readonly IncidentState[];
  readonly nextCursor: string | null;
  readonly summary: string;
  readonly transitions: readonly IncidentTransition[];
  readonly results: readonly { readonly id: string; readonly offset: number }[];
  readonly urls: Readonly<Record<string, string>>;
  readonly partitions: readonly PartitionLedger[];
  readonly total: LedgerCounts;
}

/** The real server on a real port over a pipeline in memory; closed when the test ends. */
export async function runServer(
  options: HttpServerOptions = {},
  changePorts: (ports: HttpPorts) => HttpPorts = (ports) => ports,
): Promise<RunningServer> {
  const pipeline = new MemoryPipeline();
  const logged: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const app = createHttpServer(changePorts(pipeline.ports()), { logger, ...options });
  const url = await listenHttp(app);
  onTestFinished(() => app.close());
  return {
    app,
    url,
    pipeline,
    logged,
    get: async (path, headers = {}) => answerOf(await fetch(url + path, { headers })),
    post: async (path, body, headers = { 'content-type': 'application/json' }) =>
      answerOf(await fetch(url + path, { method: 'POST', body: asBody(body), headers })),
  };
}

function asBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : {}) as JsonAnswer,
  };
}

/** Asks under a Host header of the test's choice, which `fetch` does not allow. */
export function statusUnderHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

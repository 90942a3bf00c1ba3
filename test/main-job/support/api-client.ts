import type { IncidentState } from '../../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import type { LedgerCounts, PartReadiness, PartitionLedger } from '../../../connectors/http/index.ts';

export interface Answer<T> {
  readonly status: number;
  readonly type: string | null;
  readonly body: T;
}

export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** The HTTP API as a client sees it. */
export class ApiClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async get<T>(path: string): Promise<Answer<T>> {
    return answerOf<T>(await fetch(this.url + path));
  }

  async post<T>(path: string, body: unknown): Promise<Answer<T>> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': 'application/json' };
    return answerOf<T>(await fetch(this.url + path, { method: 'POST', headers, body: text }));
  }

  async incidents(query = ''): Promise<readonly IncidentState[]> {
    const { body } = await this.get<{ incidents: IncidentState[] }>(`/incidents${query}`);
    return body.incidents;
  }

  async timeline(incidentId: string): Promise<readonly IncidentTransition[]> {
    const { body } = await this.get<{ transitions: IncidentTransition[] }>(
      `/incidents/${incidentId}/timeline`,
    );
    return body.transitions;
  }

  async ledger(): Promise<LedgerCounts> {
    return (await this.get<{ total: LedgerCounts; partitions: PartitionLedger[] }>('/stats')).body.total;
  }

  readiness(): Promise<Answer<{ ready: boolean; parts: readonly PartReadiness[] }>> {
    return this.get('/readyz');
  }
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: JSON.parse(text) as T };
}

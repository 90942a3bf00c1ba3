import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { IncidentCursorError } from './errors.ts';
import type { IncidentOrder, IncidentPage, IncidentQuery } from './incident-ports.ts';

/**
 * One page of incidents held in memory. The cursor names the last incident shown, not a count, so incidents that open
 * or close between two pages shift nothing. Only one whose place in the order changes in between (its severity, in the
 * order by severity) may be seen twice or not at all.
 * @throws {IncidentCursorError} when the cursor is not one of these, or is one of another order.
 */
export function pageOfIncidents(incidents: Iterable<IncidentState>, query: IncidentQuery): IncidentPage {
  const order = query.order ?? 'severity';
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, order);
  const matches = matcherOf(query);
  const matching: { readonly rank: Rank; readonly incident: IncidentState }[] = [];
  for (const incident of incidents) {
    if (!matches(incident)) continue;
    const rank = rankOf(incident, order);
    if (after === undefined || compare(rank, after) > 0) matching.push({ rank, incident });
  }
  matching.sort((a, b) => compare(a.rank, b.rank));
  const page = matching.slice(0, query.limit);
  const shown = page.map(({ incident }) => incident);
  const last = page.at(-1);
  if (last === undefined || matching.length === page.length) return { incidents: shown };
  return { incidents: shown, nextCursor: encodeCursor(last.rank, order) };
}

function matcherOf(query: IncidentQuery): (incident: IncidentState) => boolean {
  const { status, severity, service, component, since = -Infinity, until = Infinity } = query;
  const text = query.text?.toLowerCase();
  return (incident) =>
    (status === undefined || status.includes(incident.status)) &&
    (severity === undefined || severity.includes(incident.severity)) &&
    (service === undefined || service === incident.service) &&
    (component === undefined || component === incident.component) &&
    incident.firstProblemAt >= since &&
    incident.firstProblemAt < until &&
    (text === undefined || incident.summary.toLowerCase().includes(text));
}

/** Two numbers that rise along the order, then the incident's id. */
type Rank = readonly [first: number, second: number, incidentId: string];

const RANK_OF_SEVERITY: Record<Severity, number> = { CRITICAL: 0, MAJOR: 1, MINOR: 2, INFO: 3 };

function rankOf({ severity, firstProblemAt, incidentId }: IncidentState, order: IncidentOrder): Rank {
  // A severity of the future counts as the worst, so that nothing is overlooked.
  if (order === 'severity') return [RANK_OF_SEVERITY[severity] ?? 0, -firstProblemAt, incidentId];
  return [0, order === 'newest' ? -firstProblemAt : firstProblemAt, incidentId];
}

function compare(a: Rank, b: Rank): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] - b[1];
  if (a[2] === b[2]) return 0;
  return a[2] < b[2] ? -1 : 1;
}

function encodeCursor(rank: Rank, order: IncidentOrder): string {
  return Buffer.from(JSON.stringify([order, ...rank])).toString('base64url');
}

function decodeCursor(cursor: string, order: IncidentOrder): Rank {
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(parts) && parts.length === 4) {
    const [ofOrder, first, second, incidentId] = parts as unknown[];
    if (
      ofOrder === order &&
      typeof first === 'number' &&
      typeof second === 'number' &&
      typeof incidentId === 'string'
    ) {
      return [first, second, incidentId];
    }
  }
  throw new IncidentCursorError(
    'Pass nextCursor of the page before, unchanged and with the same order, or leave the cursor out.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

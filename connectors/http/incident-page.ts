import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { IncidentCursorError } from './errors.ts';
import type { IncidentPage, IncidentQuery } from './ports.ts';

/**
 * One page of incidents held in memory: the most severe first, among equals the one whose first problem is
 * youngest. The cursor names the last incident shown, not a count, so incidents that open or close between two
 * pages shift nothing. One whose severity changes in between may be seen twice or not at all.
 * @throws {IncidentCursorError} when the cursor is not one of these.
 */
export function pageOfIncidents(incidents: Iterable<IncidentState>, query: IncidentQuery): IncidentPage {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const matching: IncidentState[] = [];
  for (const incident of incidents) {
    if (matches(incident, query) && (after === undefined || compare(rankOf(incident), after) > 0)) {
      matching.push(incident);
    }
  }
  matching.sort((a, b) => compare(rankOf(a), rankOf(b)));
  const page = matching.slice(0, query.limit);
  const last = page.at(-1);
  if (last === undefined || matching.length === page.length) return { incidents: page };
  return { incidents: page, nextCursor: encodeCursor(rankOf(last)) };
}

function matches(incident: IncidentState, query: IncidentQuery): boolean {
  return (
    (query.status === undefined || query.status.includes(incident.status)) &&
    (query.severity === undefined || query.severity.includes(incident.severity)) &&
    (query.service === undefined || query.service === incident.service)
  );
}

/** Severity rank (0 is the most severe), time of the first problem in ms, incident id. */
type Rank = readonly [severity: number, firstProblemAt: number, incidentId: string];

const RANK_OF_SEVERITY: Record<Severity, number> = { CRITICAL: 0, MAJOR: 1, MINOR: 2, INFO: 3 };

function rankOf(incident: IncidentState): Rank {
  return [RANK_OF_SEVERITY[incident.severity], incident.firstProblemAt, incident.incidentId];
}

function compare(a: Rank, b: Rank): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return b[1] - a[1];
  if (a[2] === b[2]) return 0;
  return a[2] < b[2] ? -1 : 1;
}

function encodeCursor(rank: Rank): string {
  return Buffer.from(JSON.stringify(rank)).toString('base64url');
}

function decodeCursor(cursor: string): Rank {
  const rank = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(rank) && rank.length === 3) {
    const [severity, firstProblemAt, incidentId] = rank as unknown[];
    if (
      typeof severity === 'number' &&
      typeof firstProblemAt === 'number' &&
      typeof incidentId === 'string'
    ) {
      return [severity, firstProblemAt, incidentId];
    }
  }
  throw new IncidentCursorError('Pass nextCursor of the page before, unchanged, or leave the cursor out.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { pageOfIncidents } from '../../../connectors/http/index.ts';
import type { IncidentQuery, IncidentReader } from '../../../connectors/http/index.ts';
import type { RedisIncidentReader } from '../../../connectors/redis/index.ts';
import { StatusNotListedError } from '../../errors.ts';

/** More open incidents than these are not looked through for one page. */
const MAX_LISTED = 10_000;
const OPEN = ['OPEN', 'ACKNOWLEDGED'];

/** Answers from Redis, which keeps an index of the open incidents only; the others are found by their ids. */
export function createIncidentReader(
  redis: RedisIncidentReader,
  timeline: IncidentReader['timeline'],
): IncidentReader {
  return {
    incident: (incidentId) => redis.incident(incidentId),
    list: async (query) => {
      refuseUnlisted(query);
      const severity = query.severity?.length === 1 ? query.severity[0] : undefined;
      const open = await redis.openIncidents({
        limit: MAX_LISTED,
        ...(severity === undefined ? {} : { severity }),
        ...(query.service === undefined ? {} : { service: query.service }),
      });
      return pageOfIncidents(open, query);
    },
    ...(timeline === undefined ? {} : { timeline }),
  };
}

function refuseUnlisted({ status }: IncidentQuery): void {
  if (status === undefined || status.some((asked) => OPEN.includes(asked))) return;
  throw new StatusNotListedError(
    `Incidents that are ${OPEN.join(' or ')} are listed; the others can be asked for by their ids.`,
  );
}

import { pageOfIncidents, servicesOf } from '../../../connectors/http/index.ts';
import type {
  IncidentPage,
  IncidentQuery,
  IncidentReader,
  ServicesAnswer,
} from '../../../connectors/http/index.ts';
import { RedisUnavailableError } from '../../../connectors/redis/index.ts';
import type { OpenIncidentsQuery, RedisIncidentReader } from '../../../connectors/redis/index.ts';
import { StateUnavailableError } from '../../errors.ts';
import { ruleFinder } from '../../pipeline/rule-finder.ts';
import type { RuleSet } from '../../../topology/rules/rule.ts';

/** More incidents than these are not looked through for one answer. */
const MAX_LOOKED_THROUGH = 10_000;
/** The first page is mostly found in the first of these. */
const FIRST_LOOKS = [100, 1_000];
const OPEN = ['OPEN', 'ACKNOWLEDGED'];

export interface RedisIncidentsOptions {
  readonly redis: RedisIncidentReader;
  readonly ruleSet: Pick<RuleSet, 'rules'>;
  readonly timeline: IncidentReader['timeline'];
}

/**
 * Answers from Redis, which has the open incidents in order, and of the others their ids: a search that is not for open
 * ones alone reads them all, up to a bound.
 */
export function createIncidentReader({ redis, ruleSet, timeline }: RedisIncidentsOptions): IncidentReader {
  return {
    incident: (incidentId) => told(redis.incident(incidentId)),
    list: (query) => told(list(redis, query)),
    services: () => told(services(redis)),
    rule: ruleFinder(ruleSet),
    ...(timeline === undefined ? {} : { timeline }),
  };
}

/** A Redis that is away is nobody's mistake, and passes: clients may ask again. */
function told<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    if (!(cause instanceof RedisUnavailableError)) throw cause;
    throw new StateUnavailableError('Redis, which keeps it, does not answer. Ask again.', { cause });
  });
}

async function list(redis: RedisIncidentReader, query: IncidentQuery): Promise<IncidentPage> {
  if (query.status?.every((status) => OPEN.includes(status)) === true) return listOpen(redis, query);
  const { incidents, total } = await redis.keptIncidents({ limit: MAX_LOOKED_THROUGH });
  return { ...pageOfIncidents(incidents, query), notLookedThrough: leftOut(total) };
}

async function services(redis: RedisIncidentReader): Promise<ServicesAnswer> {
  const [open, total] = await Promise.all([
    redis.openIncidents({ limit: MAX_LOOKED_THROUGH }),
    redis.openCount(),
  ]);
  return { services: servicesOf(open), notLookedThrough: leftOut(total) };
}

async function listOpen(redis: RedisIncidentReader, query: IncidentQuery): Promise<IncidentPage> {
  const { severity, service, order = 'severity' } = query;
  const sought: OpenIncidentsQuery = {
    ...(severity?.length === 1 && severity[0] !== undefined ? { severity: severity[0] } : {}),
    ...(service === undefined ? {} : { service }),
  };
  const total = await redis.openCount(service === undefined ? {} : { service });
  // Redis has them in the order by severity: a page that the worst of them fill is the page of them all.
  for (const limit of order === 'severity' ? FIRST_LOOKS.filter((look) => look < total) : []) {
    const page = pageOfIncidents(await redis.openIncidents({ ...sought, limit }), query);
    if (page.nextCursor !== undefined) return page;
  }
  const open = await redis.openIncidents({ ...sought, limit: MAX_LOOKED_THROUGH });
  const isCut = open.length >= MAX_LOOKED_THROUGH;
  return { ...pageOfIncidents(open, query), notLookedThrough: isCut ? leftOut(total) : 0 };
}

function leftOut(total: number): number {
  return Math.max(0, total - MAX_LOOKED_THROUGH);
}

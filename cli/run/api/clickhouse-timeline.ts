import type { IncidentReader } from '../../../connectors/http/index.ts';
import { connect, resolveConnection } from '../../../connectors/clickhouse/connection.ts';
import type { ClickHouseConnectionOptions } from '../../../connectors/clickhouse/index.ts';
import type { IncidentState } from '../../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';

type Timeline = NonNullable<IncidentReader['timeline']>;

/** A row of the view `transitions`, under the names that it has in the API. */
type Row = Omit<IncidentTransition, 'state' | 'cause' | 'at'> &
  IncidentTransition['cause'] & { readonly json: string; readonly atMs: number };

/** The parameter is wider than versions are: ClickHouse wraps numbers that do not fit, and 2³² would ask for all. */
const QUERY = `
SELECT
    incident_id AS incidentId, correlation_key AS correlationKey, version, type, from_status AS "from", to_status AS "to",
    toUnixTimestamp64Milli(at) AS atMs, reason, rule_id AS ruleId, rule_version AS ruleVersion, actor, comment,
    cause_topic AS topic, cause_partition AS "partition", cause_offset AS "offset",
    cause_event_source AS eventSource, cause_event_id AS eventId, state AS json
FROM transitions
WHERE incident_id = {incidentId:String} AND version > {afterVersion:UInt64}
ORDER BY version
LIMIT {limit:UInt32}`;

const KNOWN = 'SELECT count() AS count FROM transition_log WHERE incident_id = {incidentId:String}';

export interface ClickHouseTimeline {
  readonly timeline: Timeline;
  readonly close: () => Promise<void>;
}

/** An incident's transitions from the history, which lags a moment behind the present. */
export function createClickHouseTimeline(options: ClickHouseConnectionOptions): ClickHouseTimeline {
  const client = connect(resolveConnection(options));
  const rows = async <T>(query: string, parameters: Record<string, unknown>): Promise<T[]> => {
    const answer = await client.query({
      query,
      query_params: parameters,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
    });
    return answer.json<T>();
  };
  return {
    timeline: async (incidentId, { afterVersion, limit }) => {
      const found = await rows<Row>(QUERY, { incidentId, afterVersion, limit });
      if (found.length > 0) return found.map(transitionOf);
      const [known] = await rows<{ readonly count: number }>(KNOWN, { incidentId });
      return known === undefined || known.count === 0 ? undefined : [];
    },
    close: () => client.close(),
  };
}

function transitionOf(row: Row): IncidentTransition {
  const { topic, partition, offset, eventSource, eventId, json, atMs, ...transition } = row;
  return {
    ...transition,
    at: atMs,
    cause: { topic, partition, offset, eventSource, eventId },
    state: JSON.parse(json) as IncidentState,
  };
}

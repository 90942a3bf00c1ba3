import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { TOPICS } from '../../topology/topics.ts';

/**
 * Under which subject each schema is registered: `<topic>-value` where a topic of its own holds it and nothing else,
 * `<topic>-<full name>` for what only the inbox holds, which mixes schemas.
 */
export const SUBJECTS: Readonly<Record<SchemaName, string>> = {
  IncidentEvent: `${TOPICS.events}-value`,
  OperatorCommand: `${TOPICS.inbox}-incident.v1.OperatorCommand`,
  Tick: `${TOPICS.inbox}-incident.v1.Tick`,
  WindowAggregate: `${TOPICS.windows}-value`,
  IncidentState: `${TOPICS.state}-value`,
  IncidentTransition: `${TOPICS.transitions}-value`,
};

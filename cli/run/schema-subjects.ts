import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { TOPICS } from '../../topology/topics.ts';

/**
 * Under which subject each schema is registered: that of its topic (TopicNameStrategy), under which upstreams' clients
 * look for it; in the inbox, which holds several, that of topic and record (TopicRecordNameStrategy).
 */
export function schemaSubjects(topicPrefix: string): Readonly<Record<SchemaName, string>> {
  const ofTopic = (topic: string): string => `${topicPrefix}${topic}-value`;
  const inInbox = (record: string): string => `${topicPrefix}${TOPICS.inbox}-incident.v1.${record}`;
  return {
    IncidentEvent: ofTopic(TOPICS.events),
    OperatorCommand: inInbox('OperatorCommand'),
    Tick: inInbox('Tick'),
    EventVerdict: ofTopic(TOPICS.verdicts),
    WindowAggregate: ofTopic(TOPICS.windows),
    IncidentState: ofTopic(TOPICS.state),
    IncidentTransition: ofTopic(TOPICS.transitions),
  };
}

import type { Serde } from '@incident-streams/streams';
import { createAvroSerde } from './avro-serde.ts';
import { DEFAULT_CLAIM_LIMITS } from './claim-guard/claim-limits.ts';
import type { ClaimLimits } from './claim-guard/claim-limits.ts';
import type { EventVerdict } from './generated/EventVerdict.ts';
import type { IncidentEvent } from './generated/IncidentEvent.ts';
import type { IncidentState } from './generated/IncidentState.ts';
import type { IncidentTransition } from './generated/IncidentTransition.ts';
import type { OperatorCommand } from './generated/OperatorCommand.ts';
import type { Tick } from './generated/Tick.ts';
import type { WindowAggregate } from './generated/WindowAggregate.ts';
import { createInboxEntrySerde } from './inbox-entry.ts';
import type { InboxEntry } from './inbox-entry.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** How every value of the pipeline's topics is read and written. */
export interface Serdes {
  readonly incidentEvent: Serde<IncidentEvent>;
  readonly operatorCommand: Serde<OperatorCommand>;
  readonly tick: Serde<Tick>;
  readonly windowAggregate: Serde<WindowAggregate>;
  readonly incidentState: Serde<IncidentState>;
  readonly incidentTransition: Serde<IncidentTransition>;
  readonly inboxEntry: Serde<InboxEntry>;
  readonly eventVerdict: Serde<EventVerdict>;
}

/** What a verdict adds to its event, at most: a reason, a position and a time. */
const MAX_VERDICT_BYTES = 16_384;

/** `limits` bounds what a record may claim, see {@link ClaimLimits}. */
export function createSerdes(registry: SchemaRegistry, limits: Partial<ClaimLimits> = {}): Serdes {
  const options = { registry, limits };
  const { maxRecordBytes = DEFAULT_CLAIM_LIMITS.maxRecordBytes } = limits;
  // An event of the largest size has a verdict too.
  const aroundEvent = { ...limits, maxRecordBytes: maxRecordBytes + MAX_VERDICT_BYTES };
  return {
    incidentEvent: createAvroSerde('IncidentEvent', options),
    operatorCommand: createAvroSerde('OperatorCommand', options),
    tick: createAvroSerde('Tick', options),
    windowAggregate: createAvroSerde('WindowAggregate', options),
    incidentState: createAvroSerde('IncidentState', options),
    incidentTransition: createAvroSerde('IncidentTransition', options),
    inboxEntry: createInboxEntrySerde(options),
    eventVerdict: createAvroSerde('EventVerdict', { registry, limits: aroundEvent }),
  };
}

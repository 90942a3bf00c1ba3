import { createSerdes } from '../../schemas/serdes.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { arrivalsOf } from '../../replay/arrival-sequence.ts';
import type { ArrivalOptions, ArrivalSequence } from '../../replay/arrival-sequence.ts';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';

export const data = loadReplayData();
export const serde = createSerdes(new EmbeddedRegistry()).incidentEvent;

export const encode = (event: IncidentEvent): Uint8Array => serde.serialize(event);

/** Bytes that stand for an event where only the order of arrivals matters. */
export const encodeName = (event: IncidentEvent): Uint8Array => new TextEncoder().encode(event.id);

export const limits = { graceMs: 600_000, dedupeWithinMs: 3_600_000, maxAheadMs: 300_000 };

/** Two crash series, one of latency, GitHub: some 40,000 arrivals. */
export const few = ['app1-01', 'app1-05', 'ec2_request_latency_system_failure', 'github'];

export function arrivals(options: Partial<ArrivalOptions> = {}, write = encode): ArrivalSequence {
  return arrivalsOf(data, { ...defaultFaults, ...limits, ...options }, write);
}

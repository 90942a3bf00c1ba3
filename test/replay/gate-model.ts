import type { Arrival, ArrivalKind } from '../../replay/arrival-sequence.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

const partitions = 4;

export interface ModelLimits {
  readonly graceMs: number;
  readonly dedupeWithinMs: number;
}

/**
 * What the pipeline's gate is to find, written a second time and as plainly as can be: stream time for each partition, and
 * the ids that were seen. It forgets an id as early as it may.
 */
export class GateModel {
  readonly #limits: ModelLimits;
  readonly #streamTime = new Array<number>(partitions).fill(-Infinity);
  readonly #seenAt = new Map<string, number>();

  constructor(limits: ModelLimits) {
    this.#limits = limits;
  }

  judge({ kind, event }: Arrival): ArrivalKind {
    if (kind === 'broken') return 'broken';
    const partition = partitionOf(event);
    const name = `${event.source}\n${event.id}`;
    const streamTime = this.#streamTime[partition] as number;
    const seenAt = this.#seenAt.get(name);
    this.#streamTime[partition] = Math.max(streamTime, event.time);
    this.#seenAt.set(name, event.time);
    if (seenAt !== undefined && streamTime - seenAt <= this.#limits.dedupeWithinMs) return 'duplicate';
    return event.time < streamTime - this.#limits.graceMs ? 'late' : 'original';
  }
}

/** Any partitioner will do, so long as a correlation key stays where it is. */
function partitionOf({ service, component, fingerprint }: IncidentEvent): number {
  let sum = 0;
  for (const char of `${service}/${component}/${fingerprint}`) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % partitions;
}

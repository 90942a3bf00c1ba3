import type { IncidentEvent } from '../schemas/generated/IncidentEvent.ts';

/** Whose problems belong together. `key` is what everything about them is kept under. */
export interface Correlation {
  readonly key: string;
  readonly service: string;
  readonly component: string;
}

/**
 * The correlation key of an event: `service/component`, or `service/component/fingerprint`. Neither service nor
 * component holds a slash (the gate sees to it), so that two different events never share a key by accident.
 */
export function correlationKeyOf(
  event: Pick<IncidentEvent, 'service' | 'component' | 'fingerprint'>,
): string {
  const key = `${event.service}/${event.component}`;
  return event.fingerprint === null ? key : `${key}/${event.fingerprint}`;
}

/** The fingerprint within a correlation key; null where it has none. */
export function fingerprintOf(correlation: Correlation): string | null {
  const prefixLength = correlation.service.length + 1 + correlation.component.length + 1;
  return correlation.key.length < prefixLength ? null : correlation.key.slice(prefixLength);
}

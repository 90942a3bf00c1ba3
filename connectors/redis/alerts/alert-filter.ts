import type { Severity } from '../../../schemas/generated/IncidentEvent.ts';
import type { RedisAlert } from '../redis-alert.ts';

/** An alert has to meet both lists; one that is left out, or empty, lets every alert pass. */
export interface AlertFilter {
  readonly severities?: readonly Severity[];
  readonly services?: readonly string[];
}

export function passes(filter: AlertFilter, alert: RedisAlert): boolean {
  return isWanted(filter.severities, alert.severity) && isWanted(filter.services, alert.service);
}

/** The fewest channels on which every alert that passes is published; others may be heard there too. */
export function channelsOf(filter: AlertFilter, alertChannel: string): string[] {
  const { severities = [], services = [] } = filter;
  if (services.length > 0) return services.map((service) => `${alertChannel}:service:${service}`);
  if (severities.length > 0) return severities.map((severity) => `${alertChannel}:${severity.toLowerCase()}`);
  return [alertChannel];
}

function isWanted<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}

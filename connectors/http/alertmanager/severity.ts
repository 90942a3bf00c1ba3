import type { Severity } from '../../../schemas/generated/IncidentEvent.ts';

const NAMES: Readonly<Record<Severity, readonly string[]>> = {
  CRITICAL: ['critical', 'crit', 'emergency', 'emerg', 'fatal', 'page', 'disaster'],
  MAJOR: ['major', 'error', 'err', 'high', 'alert'],
  MINOR: ['minor', 'warning', 'warn', 'medium'],
  INFO: ['info', 'information', 'informational', 'notice', 'low', 'debug', 'none'],
};

const SEVERITIES = new Map(
  Object.entries(NAMES).flatMap(([severity, names]) => names.map((name) => [name, severity as Severity])),
);

/** What the label `severity` means; MAJOR where it is missing or says something else, so that nothing bad is overlooked. */
export function severityOf(label: string | undefined): Severity {
  return SEVERITIES.get(label?.trim().toLowerCase() ?? '') ?? 'MAJOR';
}

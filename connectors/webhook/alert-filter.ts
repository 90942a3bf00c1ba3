import type { Alert, AlertType } from '../../schemas/alert.ts';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';

/** Which alerts a target is sent. What is left out does not matter. */
export interface AlertFilter {
  readonly minSeverity?: Severity;
  readonly services?: readonly string[];
  readonly types?: readonly AlertType[];
}

const RANKS: Readonly<Record<Severity, number>> = { INFO: 0, MINOR: 1, MAJOR: 2, CRITICAL: 3 };

/** Whether the target is told of the alert. */
export function createAlertFilter({ minSeverity = 'INFO', services, types }: AlertFilter) {
  return (alert: Alert): boolean =>
    RANKS[alert.severity] >= RANKS[minSeverity] &&
    (services === undefined || services.includes(alert.service)) &&
    (types === undefined || types.includes(alert.type));
}

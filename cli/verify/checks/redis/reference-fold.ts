import type { IncidentState } from '../../../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../../../schemas/generated/IncidentTransition.ts';
import { isAlertType } from '../../../../schemas/alert.ts';

const SEVERITIES = ['CRITICAL', 'MAJOR', 'MINOR', 'INFO'];
const SEVERITY_STEP = 1e13;

/** What Redis has to hold of a partition after its first transitions, as docs/redis.md says it. */
export class ReferenceFold {
  /** By id: incidents that are not closed. */
  readonly incidents = new Map<string, IncidentState>();
  readonly counters = new Map<string, number>();
  /** Ids that were closed, as far as they are asked for. */
  readonly closed = new Set<string>();
  readonly #remembers: (id: string) => boolean;

  /** @param remembers which incidents, once closed, are to be told from those that were never seen */
  constructor(remembers: (id: string) => boolean) {
    this.#remembers = remembers;
  }

  add({ incidentId, to, type, state }: IncidentTransition): void {
    if (to === 'CLOSED') {
      this.incidents.delete(incidentId);
      if (this.#remembers(incidentId)) this.closed.add(incidentId);
    } else this.incidents.set(incidentId, state);
    for (const counter of ['transitions', type, ...(isAlertType(type) ? ['alerts'] : [])])
      this.counters.set(counter, (this.counters.get(counter) ?? 0) + 1);
  }
}

export function isOpen({ status }: IncidentState): boolean {
  return status === 'OPEN' || status === 'ACKNOWLEDGED';
}

/** In the sorted sets of open incidents. */
export function scoreOf({ severity, firstProblemAt }: IncidentState): string {
  return String(SEVERITIES.indexOf(severity) * SEVERITY_STEP + (SEVERITY_STEP - 1 - firstProblemAt));
}

/** The fields of the incident's hash; `state` as it is, not as JSON. */
export function hashOf(state: IncidentState): Readonly<Record<string, unknown>> {
  return {
    status: state.status,
    severity: state.severity,
    service: state.service,
    component: state.component,
    summary: state.summary,
    openedAt: String(state.openedAt ?? ''),
    acknowledgedBy: state.acknowledgedBy ?? '',
    version: String(state.version),
    state,
  };
}

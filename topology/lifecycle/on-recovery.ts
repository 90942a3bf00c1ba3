import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { change, effectiveAt, remember, settle, type Draft } from './draft.ts';

/**
 * A source says that it is over, as of the event's time. Problems up to then are remembered as over, also those that are
 * still to come; what happened later is not.
 */
export function onRecovery(draft: Draft, event: IncidentEvent): void {
  const { incident, recoveredUpTo } = draft.memory;
  if (recoveredUpTo === null || event.time > recoveredUpTo) remember(draft, { recoveredUpTo: event.time });
  if (incident === null || event.time < incident.lastProblemAt) return;
  const at = effectiveAt(draft, incident);
  switch (incident.status) {
    case 'PENDING': {
      settle(draft);
      const set = { recoveredAt: event.time, closedAt: at };
      const reason = 'recovered before it became an incident';
      change(draft, incident, { type: 'TRANSIENT', to: 'CLOSED', at, reason, set });
      return;
    }
    case 'OPEN':
    case 'ACKNOWLEDGED': {
      if (incident.recoveredAt !== null) return;
      const set = { recoveredAt: event.time };
      change(draft, incident, {
        type: 'RECOVERED',
        to: incident.status,
        at,
        reason: 'recovery reported',
        set,
      });
      return;
    }
    case 'RESOLVED':
    case 'CLOSED':
      return;
  }
}

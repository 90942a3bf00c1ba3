import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';

/** Apart by more than any time in milliseconds before the year 2286. */
const SEVERITY_STEP = 1e13;

const STEPS: ReadonlyMap<Severity, number> = new Map([
  ['CRITICAL', 0],
  ['MAJOR', 1],
  ['MINOR', 2],
  ['INFO', 3],
]);

const NOT_OPEN: ReadonlySet<IncidentStatus> = new Set(['PENDING', 'RESOLVED', 'CLOSED']);

/** Whether somebody should care about it now: it is in the open set exactly then. A status of the future counts. */
export function isOpen(state: IncidentState): boolean {
  return !NOT_OPEN.has(state.status);
}

/** Sorts the open set in rising order: the worst severity first, and within one the youngest first problem. */
export function openScore(state: IncidentState): number {
  const latest = SEVERITY_STEP - 1;
  return startOf(state.severity) + latest - Math.min(Math.max(state.firstProblemAt, 0), latest);
}

/** The scores that incidents of one severity lie between, both included. */
export function scoresOf(severity: Severity): { readonly min: number; readonly max: number } {
  return { min: startOf(severity), max: startOf(severity) + SEVERITY_STEP - 1 };
}

/** A severity of the future counts as the worst, so that nothing is overlooked. */
function startOf(severity: Severity): number {
  return (STEPS.get(severity) ?? 0) * SEVERITY_STEP;
}

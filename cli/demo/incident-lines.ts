import type { IncidentTransition, TransitionType } from '../../schemas/generated/IncidentTransition.ts';

const SHOWN: ReadonlySet<TransitionType> = new Set([
  'OPENED',
  'ESCALATED',
  'REOPENED',
  'ACKNOWLEDGED',
  'RESOLVED',
]);
const COLOURS: Readonly<Partial<Record<TransitionType, number>>> = {
  OPENED: 31,
  ESCALATED: 35,
  REOPENED: 33,
  ACKNOWLEDGED: 36,
  RESOLVED: 32,
};

/** One line for a transition that people want to see as it happens; undefined for the others. */
export function incidentLine(
  transition: IncidentTransition,
  options: { colour: boolean },
): string | undefined {
  if (!SHOWN.has(transition.type)) return undefined;
  const { state } = transition;
  const time = new Date(transition.at).toISOString().slice(0, 16).replace('T', ' ');
  const type = transition.type.padEnd(12);
  const colour = COLOURS[transition.type] ?? 0;
  const shown = options.colour ? `\u001b[${colour}m${type}\u001b[0m` : type;
  const where = `${state.service}/${state.component}`.padEnd(34);
  return `${time}  ${shown}  ${state.severity.padEnd(8)}  ${where}  ${oneLine(transition.type === 'OPENED' ? `${transition.reason}: ${state.summary}` : transition.reason)}`;
}

/** Texts come from outside: no line breaks and no control characters reach the terminal. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be replaced
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return plain.length > 90 ? `${plain.slice(0, 89)}…` : plain;
}

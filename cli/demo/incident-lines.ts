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

export interface LineOptions {
  readonly colour: boolean;
  /** How many characters a line may have. */
  readonly columns: number;
}

/** One line for a transition that people want to see as it happens; undefined for the others. */
export function incidentLine(transition: IncidentTransition, options: LineOptions): string | undefined {
  if (!SHOWN.has(transition.type)) return undefined;
  const { state } = transition;
  const time = new Date(transition.at).toISOString().slice(0, 16).replace('T', ' ');
  const type = transition.type.padEnd(12);
  const where = plain(`${state.service}/${state.component}`).padEnd(34);
  const line = `${time}  ${type}  ${state.severity.padEnd(8)}  ${where}  ${plain(textOf(transition))}`;
  const cut = line.length > options.columns ? `${line.slice(0, options.columns - 1)}…` : line;
  const colour = COLOURS[transition.type];
  return options.colour && colour !== undefined
    ? cut.replace(type, `\u001b[${colour}m${type}\u001b[0m`)
    : cut;
}

/** A summary that was made from the reason says nothing more. */
function textOf({ type, reason, state }: IncidentTransition): string {
  return type !== 'OPENED' || state.summary.includes(reason) ? reason : `${state.summary} (${reason})`;
}

/** Texts come from outside: no line breaks, control characters or changes of direction reach the terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

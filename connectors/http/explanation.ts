import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { LoadedRule } from './incident-ports.ts';

/** What an incident is explained from. */
export interface Evidence {
  readonly state: IncidentState;
  /** Its changes from the first one on, as far as they were read; undefined where no history could be asked. */
  readonly transitions: readonly IncidentTransition[] | undefined;
  /** Why there are no transitions. */
  readonly whyNoHistory?: string;
  /** The rule under the incident's rule id, as it is loaded now. */
  readonly rule: LoadedRule | undefined;
}

/** Why an incident is as it is. */
export interface Explanation {
  readonly incidentId: string;
  readonly state: IncidentState;
  readonly rule: {
    readonly id: string;
    readonly version: number;
    /** The whole rule; null where the version that decided is not the one that is loaded. */
    readonly parameters: LoadedRule | null;
  };
  /** The change that made it an incident; null while it is pending, and where it is not known. */
  readonly opening: Change | null;
  /** All changes in order, the opening one too. */
  readonly changes: readonly Change[];
  readonly counts: { readonly problems: number; readonly reopenings: number; readonly changes: number };
  /** The same for people, one sentence each. */
  readonly sentences: readonly string[];
  /** What is not here, and why; empty where everything is. */
  readonly missing: readonly string[];
}

/** A transition without the state after it, which the timeline has. */
export type Change = Omit<IncidentTransition, 'state' | 'incidentId' | 'correlationKey'>;

export function explain(evidence: Evidence): Explanation {
  const { state, rule } = evidence;
  const changes = (evidence.transitions ?? []).map(changeOf);
  const isLoaded = rule !== undefined && rule.version === state.ruleVersion;
  const missing = missingIn(evidence);
  const counts = {
    problems: state.problemCount,
    reopenings: state.reopenCount,
    changes: Math.max(state.version, changes.at(-1)?.version ?? 0),
  };
  return {
    incidentId: state.incidentId,
    state,
    rule: { id: state.ruleId, version: state.ruleVersion, parameters: isLoaded ? rule : null },
    opening: changes.find(({ type }) => type === 'OPENED') ?? null,
    changes,
    counts,
    sentences: [standing(state), counted(state), ...changes.map(sentenceOf), ...missing],
    missing,
  };
}

function changeOf(transition: IncidentTransition): Change {
  const { version, type, from, to, at, reason, ruleId, ruleVersion, actor, comment, cause } = transition;
  return { version, type, from, to, at, reason, ruleId, ruleVersion, actor, comment, cause };
}

function missingIn({ state, transitions, whyNoHistory, rule }: Evidence): string[] {
  const missing: string[] = [];
  if (rule === undefined) {
    missing.push(`The parameters of rule ${state.ruleId}: no rule of that id is loaded any more.`);
  } else if (rule.version !== state.ruleVersion) {
    missing.push(
      `The parameters of rule ${state.ruleId}, version ${state.ruleVersion}: version ${rule.version} is loaded now.`,
    );
  }
  if (transitions === undefined) {
    missing.push(`The changes and their causes: ${whyNoHistory ?? 'no history is kept'}.`);
    return missing;
  }
  const first = transitions.at(0)?.version ?? state.version + 1;
  if (first > 1) missing.push(`The changes before version ${first}: the history does not have them.`);
  const last = transitions.at(-1)?.version ?? state.version;
  if (last < state.version)
    missing.push(`The changes after version ${last}: see the timeline, a moment later.`);
  return missing;
}

function standing({
  correlationKey,
  status,
  severity,
  updatedAt,
  summary,
  ruleId,
  ruleVersion,
}: IncidentState) {
  return `${correlationKey} is ${status}, severity ${severity}, as of ${timeOf(updatedAt)}, by rule ${ruleId}, version ${ruleVersion}: ${summary}`;
}

function counted({ problemCount, reopenCount, firstProblemAt, lastProblemAt }: IncidentState): string {
  const cameBack = reopenCount === 0 ? '' : ` It came back ${times(reopenCount)} after it had been resolved.`;
  const problems = `${problemCount} problem event${problemCount === 1 ? ' belongs' : 's belong'} to it`;
  return `${problems}, from ${timeOf(firstProblemAt)} to ${timeOf(lastProblemAt)}.${cameBack}`;
}

function sentenceOf({ version, type, from, to, at, reason, actor, comment, cause }: Change): string {
  const step = from === null ? to : from === to ? `still ${to}` : `${from} to ${to}`;
  const said = comment === null ? '' : ` ${actor} said: ${comment}.`;
  const { eventId, eventSource, topic, partition, offset } = cause;
  const record = `the record at offset ${offset} of ${topic}, partition ${partition}`;
  const source = eventSource === null ? '' : ` of ${eventSource}`;
  const brought = eventId === null ? record : `${eventId}${source}, ${record}`;
  return `${version}. ${timeOf(at)}: ${type} (${step}) by ${actor}: ${reason}.${said} Brought about by ${brought}.`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** A time that no calendar has is shown as the number that it is. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}

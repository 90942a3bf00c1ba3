import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

/** The most UTF-16 units that a text of an event may have. Names are parts of store keys, which are bounded. */
export const EVENT_LIMITS = {
  idChars: 256,
  sourceChars: 256,
  typeChars: 256,
  serviceChars: 128,
  componentChars: 128,
  fingerprintChars: 128,
  summaryChars: 8192,
  attributes: 64,
  attributeChars: 4352,
} as const;

/** Control and format characters: names are shown in terminals and tables, and must be what they look like. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What is wrong with an event in itself, as a sentence that names field, value and limit; null when nothing is. */
export function invalidReason(event: IncidentEvent): string | null {
  return (
    nameProblem('id', event.id, EVENT_LIMITS.idChars) ??
    nameProblem('source', event.source, EVENT_LIMITS.sourceChars) ??
    nameProblem('type', event.type, EVENT_LIMITS.typeChars) ??
    keyPartProblem('service', event.service, EVENT_LIMITS.serviceChars) ??
    keyPartProblem('component', event.component, EVENT_LIMITS.componentChars) ??
    (event.fingerprint === null
      ? null
      : nameProblem('fingerprint', event.fingerprint, EVENT_LIMITS.fingerprintChars)) ??
    lengthProblem('summary', event.summary, EVENT_LIMITS.summaryChars) ??
    valueProblem(event) ??
    attributesProblem(event.attributes)
  );
}

function nameProblem(field: string, text: string, maxChars: number): string | null {
  return text === '' ? `${field} is empty` : lengthProblem(field, text, maxChars);
}

function keyPartProblem(field: string, text: string, maxChars: number): string | null {
  const problem = nameProblem(field, text, maxChars);
  if (problem !== null) return problem;
  if (text.includes('/'))
    return `${field} '${text}' contains a slash, which separates the parts of a correlation key`;
  return UNSEEN.test(text) ? `${field} contains a control character or a line break` : null;
}

function lengthProblem(field: string, text: string, maxChars: number): string | null {
  return text.length > maxChars
    ? `${field} has ${text.length} characters, at most ${maxChars} are accepted`
    : null;
}

function valueProblem(event: IncidentEvent): string | null {
  if (event.value === null)
    return event.kind === 'SAMPLE' ? 'value is missing, and a SAMPLE is nothing without it' : null;
  return Number.isFinite(event.value) ? null : `value is ${event.value}, not a finite number`;
}

function attributesProblem(attributes: Readonly<Record<string, string>>): string | null {
  let count = 0;
  for (const name in attributes) {
    count += 1;
    if (count > EVENT_LIMITS.attributes)
      return `attributes are more than the ${EVENT_LIMITS.attributes} accepted`;
    const chars = name.length + (attributes[name]?.length ?? 0);
    if (chars > EVENT_LIMITS.attributeChars) {
      return `attribute '${name.slice(0, 64)}' has ${chars} characters, at most ${EVENT_LIMITS.attributeChars} are accepted`;
    }
  }
  return null;
}

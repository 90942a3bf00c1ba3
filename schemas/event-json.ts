import { z } from 'zod';
import { EVENT_KIND_SYMBOLS, SEVERITY_SYMBOLS } from './generated/IncidentEvent.ts';
import type { EventKind, IncidentEvent } from './generated/IncidentEvent.ts';
import { PROTOTYPE_KEYS } from './prototype-keys.ts';

/** What is wrong with one field: `attributes.region` names an entry of a map, `body` the whole. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export type ParsedEvent =
  | { readonly ok: true; readonly event: IncidentEvent }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Characters. All texts at their longest, at three bytes each, stay below what a record may claim. */
const MAX_NAME_LENGTH = 256;
/** Names of services and components are parts of store keys. */
const MAX_KEY_PART_LENGTH = 128;
const MAX_TEXT_LENGTH = 4_096;
const MAX_ATTRIBUTES = 64;
/** The last moment that a JavaScript date can hold. */
const MAX_TIME_MS = 8.64e15;

const TIME_PROBLEM = 'must be whole milliseconds since the epoch, or an ISO 8601 time with its zone';
const SURROGATE_PROBLEM = 'holds half of a surrogate pair, which is no character';
/** More are not listed: nobody reads them, and the answer must not grow with the size of the nonsense. */
const MAX_PROBLEMS = 50;
const MAX_SHOWN_FIELD_LENGTH = 80;

/** Control and format characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const DEFAULT_TYPES: Readonly<Record<EventKind, string>> = {
  PROBLEM: 'incident.problem',
  SAMPLE: 'incident.sample',
  RECOVERY: 'incident.recovery',
};

const name = text(MAX_NAME_LENGTH);
const keyPart = text(MAX_KEY_PART_LENGTH)
  .refine((value) => !value.includes('/'), 'must not contain a slash')
  .refine((value) => !UNSEEN.test(value), 'must not contain control characters or line breaks');
const time = z.union(
  [
    z.number().refine(isTimeMs, TIME_PROBLEM),
    z.iso
      .datetime({ offset: true })
      .transform((value) => Date.parse(value))
      .refine(isTimeMs, TIME_PROBLEM),
  ],
  { error: missingOr(TIME_PROBLEM) },
);

const eventJson = z.strictObject(
  {
    id: name,
    source: name,
    time,
    service: keyPart,
    component: keyPart,
    summary: text(MAX_TEXT_LENGTH),
    type: name.optional(),
    fingerprint: text(MAX_KEY_PART_LENGTH).nullable().default(null),
    kind: z.enum(EVENT_KIND_SYMBOLS, { error: oneOf(EVENT_KIND_SYMBOLS) }).default('PROBLEM'),
    severity: z.enum(SEVERITY_SYMBOLS, { error: oneOf(SEVERITY_SYMBOLS) }).optional(),
    value: z.number({ error: 'must be a finite number or null' }).nullable().default(null),
    attributes: z
      .record(attributeText(MAX_NAME_LENGTH), attributeText(MAX_TEXT_LENGTH), {
        error: 'must be an object whose values are strings',
      })
      .refine(
        (entries) => Object.keys(entries).length <= MAX_ATTRIBUTES,
        `has more than ${MAX_ATTRIBUTES} entries`,
      )
      .default({}),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined) },
);

/**
 * Reads an event as upstream systems post it: JSON, already parsed. `id`, `source`, `time`, `service`, `component`
 * and `summary` are needed; the rest has defaults: `kind` PROBLEM, `severity` MAJOR for a problem and INFO for
 * anything else, `type` incident.problem (or .sample, .recovery), no fingerprint, no value, no attributes. A field
 * that is unknown is refused: it is most likely a known one misspelt, whose default would be taken in silence.
 * All problems are named at once.
 */
export function parseEventJson(input: unknown): ParsedEvent {
  const parsed = eventJson.safeParse(input);
  const invalid = parsed.success ? [] : parsed.error.issues.flatMap(toProblems);
  const problems = [...invalid, ...otherProblems(input)].slice(0, MAX_PROBLEMS);
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const { kind, type, severity, ...rest } = parsed.data;
  return {
    ok: true,
    event: {
      ...rest,
      kind,
      type: type ?? DEFAULT_TYPES[kind],
      severity: severity ?? (kind === 'PROBLEM' ? 'MAJOR' : 'INFO'),
    },
  };
}

function toProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: shown(key), message: 'is not a field of an event' }));
  }
  // What is wrong with a map's key is wrapped into an issue of the map.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ field: issue.path.length === 0 ? 'body' : shown(issue.path.join('.')), message }];
}

/** What the schema cannot say: it sees one field at a time, and a key that reaches a prototype not at all. */
function otherProblems(input: unknown): FieldProblem[] {
  if (typeof input !== 'object' || input === null) return [];
  const { kind, value, attributes } = input as { kind?: unknown; value?: unknown; attributes?: unknown };
  const problems: FieldProblem[] = [];
  if (kind === 'SAMPLE' && (value === undefined || value === null)) {
    problems.push({ field: 'value', message: 'is missing: a SAMPLE is a measured value' });
  }
  if (typeof attributes === 'object' && attributes !== null) {
    const refused = Object.keys(attributes).filter((key) => PROTOTYPE_KEYS.includes(key));
    problems.push(
      ...refused.map((key) => ({ field: `attributes.${key}`, message: 'is a key that is not allowed' })),
    );
  }
  return problems;
}

function shown(fieldName: string): string {
  return fieldName.length <= MAX_SHOWN_FIELD_LENGTH
    ? fieldName
    : `${fieldName.slice(0, MAX_SHOWN_FIELD_LENGTH)}…`;
}

function text(maxLength: number) {
  return z
    .string({ error: missingOr('must be a string') })
    .max(maxLength, atMost(maxLength))
    .refine((value) => value.trim() !== '', 'must not be empty')
    .refine((value) => value.isWellFormed(), SURROGATE_PROBLEM);
}

function attributeText(maxLength: number) {
  return z
    .string({ error: 'must be a string' })
    .max(maxLength, atMost(maxLength))
    .refine((value) => value.isWellFormed(), SURROGATE_PROBLEM);
}

function isTimeMs(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_TIME_MS;
}

function missingOr(otherwise: string) {
  return (issue: { readonly input?: unknown }) => (issue.input === undefined ? 'is missing' : otherwise);
}

function oneOf(symbols: readonly string[]): string {
  return `must be one of ${symbols.join(', ')}`;
}

function atMost(length: number): string {
  return `must not be longer than ${length} characters`;
}

import { parseEventJson } from '../../../schemas/event-json.ts';
import type { FieldProblem, ParsedEvent } from '../../../schemas/event-json.ts';
import { mediaTypeOf } from './media-types.ts';

/** What a CloudEvent says about itself; the other attributes, but for `specversion`, become attributes of the event. */
const IDENTITY = ['id', 'source', 'type', 'time'] as const;
const NO_ATTRIBUTE = new Set<string>([
  ...IDENTITY,
  'specversion',
  'datacontenttype',
  'data',
  'data_base64',
] as const);
/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
const ON_ENVELOPE = 'belongs to the CloudEvent itself, not into its data';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a CloudEvent 1.0 in its JSON format. `id`, `source`, `type` and `time` are the event's; `data` holds its other
 * fields; a `subject` of the form `service/component` gives those two where `data` does not. `subject`, `dataschema` and
 * all extensions are kept among the attributes, by their names. An attribute that is null counts as left out.
 */
export function parseCloudEvent(input: unknown): ParsedEvent {
  if (!isObject(input)) return notValid('body', 'must be a CloudEvent: a JSON object');
  const envelope = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const problems = envelopeProblems(envelope);
  const data = envelope['data'] ?? {};
  if (!isObject(data)) return { ok: false, problems: [...problems, DATA_PROBLEM] };
  const attributes = attributesOf(envelope, data, problems);
  const parsed = parseEventJson({
    ...placeOf(envelope['subject']),
    ...data,
    ...Object.fromEntries(IDENTITY.map((name) => [name, envelope[name]])),
    ...(attributes === undefined ? {} : { attributes }),
  });
  if (!parsed.ok) problems.push(...parsed.problems.map((problem) => inEnvelope(problem, envelope)));
  if (problems.length > 0) return { ok: false, problems };
  return parsed;
}

const DATA_PROBLEM: FieldProblem = { field: 'data', message: 'must be a JSON object' };

function envelopeProblems(envelope: JsonObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { specversion, type, datacontenttype, data } = envelope;
  if (specversion !== '1.0') problems.push({ field: 'specversion', message: 'must be 1.0' });
  // An event has a default for it, a CloudEvent has none.
  if (type === undefined) problems.push({ field: 'type', message: 'is missing' });
  if (datacontenttype !== undefined && !isJsonType(datacontenttype)) {
    problems.push({ field: 'datacontenttype', message: 'must be application/json, or left out' });
  }
  if ('data_base64' in envelope) {
    problems.push({
      field: 'data_base64',
      message: 'is not read: put the fields into data, as a JSON object',
    });
  }
  for (const name of IDENTITY) {
    if (isObject(data) && Object.hasOwn(data, name)) {
      problems.push({ field: `data.${name}`, message: ON_ENVELOPE });
    }
  }
  return problems;
}

/** What the sender's data has for attributes, and what stands on the envelope; undefined where neither has any. */
function attributesOf(envelope: JsonObject, data: JsonObject, problems: FieldProblem[]): unknown {
  const own = data['attributes'] ?? {};
  if (!isObject(own)) return own;
  const added: Record<string, string> = {};
  for (const [name, value] of Object.entries(envelope)) {
    if (NO_ATTRIBUTE.has(name)) continue;
    const problem = attributeProblem(name, value, own);
    if (problem !== undefined) problems.push({ field: name.slice(0, 80), message: problem });
    else added[name] = String(value);
  }
  return { ...own, ...added };
}

function attributeProblem(name: string, value: unknown, own: JsonObject): string | undefined {
  if (!ATTRIBUTE_NAME.test(name))
    return 'is no name of a CloudEvents attribute: lower-case letters and digits';
  if (!['string', 'number', 'boolean'].includes(typeof value))
    return 'must be a string, a number or a boolean';
  if (Object.hasOwn(own, name) && own[name] !== String(value)) {
    return 'is said twice, and differently: here and in data.attributes';
  }
  return undefined;
}

/** `shop/cart` is the component cart of the service shop; any other subject names nothing that is known here. */
function placeOf(subject: unknown): JsonObject {
  const [, service, component] = /^([^/]+)\/([^/]+)$/.exec(typeof subject === 'string' ? subject : '') ?? [];
  return service === undefined ? {} : { service, component };
}

/** Where the sender finds the field that the event's problem is about. */
function inEnvelope({ field, message }: FieldProblem, envelope: JsonObject): FieldProblem {
  const [, attribute] = /^attributes\.(.+)$/s.exec(field) ?? [];
  const onEnvelope = field === 'body' || (IDENTITY as readonly string[]).includes(field) ? field : undefined;
  if (onEnvelope !== undefined) return { field, message };
  if (attribute !== undefined && Object.hasOwn(envelope, attribute) && !NO_ATTRIBUTE.has(attribute)) {
    return { field: attribute, message };
  }
  return { field: `data.${field}`, message };
}

export function isJsonType(contentType: unknown): boolean {
  return typeof contentType === 'string' && mediaTypeOf(contentType) === 'application/json';
}

function notValid(field: string, message: string): ParsedEvent {
  return { ok: false, problems: [{ field, message }] };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { IncomingMessage } from 'node:http';
import type { FieldProblem } from '../../../schemas/event-json.ts';

const PREFIX = 'ce-';
const REQUIRED = ['ce-id', 'ce-source', 'ce-type', 'ce-specversion'];
const NOT_ENCODED = /[^\x20-\x7e]/;

/** Whether the request is a CloudEvent in binary mode: its attributes are headers, its body is the data. */
export function isBinaryCloudEvent({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return REQUIRED.some((name) => headers[name] !== undefined);
}

/**
 * The attributes of a CloudEvent in binary mode: values may stand in quotes and are percent-encoded UTF-8.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
 */
export function cloudEventAttributes(request: Pick<IncomingMessage, 'headersDistinct'>): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly problems: readonly FieldProblem[];
} {
  // Without a prototype: the header ce-__proto__ is to be seen, and refused, like any other.
  const attributes = Object.create(null) as Record<string, string>;
  const problems: FieldProblem[] = [];
  for (const [header, values] of Object.entries(request.headersDistinct)) {
    if (!header.startsWith(PREFIX) || values === undefined) continue;
    const [first = '', ...more] = values;
    const value = decode(first);
    if (more.length > 0) problems.push({ field: header, message: 'is there more than once' });
    else if (value === undefined) problems.push({ field: header, message: 'must be percent-encoded UTF-8' });
    else attributes[header.slice(PREFIX.length)] = value;
  }
  return { attributes, problems };
}

function decode(header: string): string | undefined {
  if (NOT_ENCODED.test(header)) return undefined;
  const unquoted = /^"(.*)"$/s.exec(header)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? header;
  try {
    return decodeURIComponent(unquoted);
  } catch {
    return undefined;
  }
}

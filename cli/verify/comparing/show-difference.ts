import { NOTHING } from '../finding.ts';

/** JSON with the keys of objects in order: equal texts for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Two values for people, each with the fields only in which they differ; undefined where they are equal. */
export function differenceOf(
  expected: unknown,
  found: unknown,
): { readonly expected: string; readonly found: string } | undefined {
  if (canonicalJson(expected) === canonicalJson(found)) return undefined;
  if (!isObject(expected) || !isObject(found)) return { expected: shown(expected), found: shown(found) };
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter(
    (name) => canonicalJson(expected[name] ?? null) !== canonicalJson(found[name] ?? null),
  );
  return { expected: fieldsOf(expected, names), found: fieldsOf(found, names) };
}

const MAX_SHOWN_CHARS = 200;

function fieldsOf(value: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names.map((name) => `${name}=${shown(value[name])}`).join(' ');
}

function shown(value: unknown): string {
  if (value === undefined) return NOTHING;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

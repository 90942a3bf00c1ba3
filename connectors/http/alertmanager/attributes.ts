import { fitName, fitText } from './fit.ts';
import type { Alert, Payload } from './payload.ts';

/** What an event takes, see `schemas/event-json.ts`; one entry is kept for the mark. */
const MAX_ENTRIES = 63;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 4_096;
const MAX_LISTED = 20;

/** Says what of an alert does not fit into an event. */
const MARK = 'truncated';

export interface FittedAttributes {
  readonly attributes: Record<string, string>;
  readonly isTruncated: boolean;
}

/**
 * All that an alert tells, as far as an event has room: `labels.<name>`, `annotations.<name>`, and by its own name what
 * Alertmanager adds. What was cut or left out is named in the attribute `truncated`.
 */
export function attributesOf(alert: Alert, payload: Payload): FittedAttributes {
  const attributes: Record<string, string> = {};
  const cut: string[] = [];
  const left: string[] = [];
  for (const [name, value] of [...ofAlertmanager(alert, payload), ...prefixed(alert)]) {
    const fittedName = fitName(name, MAX_NAME_LENGTH);
    const fitted = fitText(value, MAX_VALUE_LENGTH);
    if (Object.keys(attributes).length === MAX_ENTRIES) {
      left.push(fittedName);
      continue;
    }
    if (fitted !== value || fittedName !== name) cut.push(fittedName);
    attributes[fittedName] = fitted;
  }
  const isTruncated = cut.length + left.length > 0;
  if (isTruncated) {
    attributes[MARK] = fitText([listed('cut', cut), listed('left out', left)].join('; '), MAX_VALUE_LENGTH);
  }
  return { attributes, isTruncated };
}

function ofAlertmanager(alert: Alert, payload: Payload): (readonly [string, string])[] {
  const { startsAt, endsAt, generatorURL } = alert;
  const { receiver, externalURL, groupKey } = payload;
  const entries = Object.entries({ startsAt, generatorURL, receiver, externalURL, groupKey });
  if (alert.status === 'resolved') entries.push(['endsAt', endsAt]);
  return entries.filter(([, value]) => value !== '');
}

function prefixed({ labels, annotations }: Alert): (readonly [string, string])[] {
  return [
    ...Object.entries(labels).map(([name, value]) => [`labels.${name}`, value] as const),
    ...Object.entries(annotations).map(([name, value]) => [`annotations.${name}`, value] as const),
  ];
}

function listed(what: string, names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).join(', ');
  const more = names.length > MAX_LISTED ? ' and more' : '';
  return names.length === 0 ? `${what}: none` : `${what}: ${names.length} (${shown}${more})`;
}

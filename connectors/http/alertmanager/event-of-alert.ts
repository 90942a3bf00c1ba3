import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { attributesOf } from './attributes.ts';
import { fitKeyPart, fitName, fitText, hashOf } from './fit.ts';
import type { Alert, Payload } from './payload.ts';
import { severityOf } from './severity.ts';

/** The first label that says something names the service, or the component. */
const SERVICE_LABELS = ['service', 'app', 'job', 'namespace'];
const COMPONENT_LABELS = ['component', 'instance', 'pod', 'alertname'];
const SUMMARY_ANNOTATIONS = ['summary', 'message', 'description'];

/** One for all Alertmanagers: those of a cluster send the same alert each, and it is to count once. */
const ALERTMANAGER_SOURCE = 'alertmanager';
const UNNAMED = 'unnamed';

const MAX_KEY_PART_LENGTH = 128;
const MAX_ID_LENGTH = 256;
const MAX_SUMMARY_LENGTH = 4_096;

export interface AlertEvent {
  readonly event: IncidentEvent;
  /** Whether some of what the alert tells had no room; the event's attribute `truncated` says what. */
  readonly isTruncated: boolean;
}

/**
 * The event that an alert stands for; every alert has one. Its time is when it was received: Alertmanager holds alerts
 * back to group them, and sends one again for as long as it fires, so that an event of the time at which the alert
 * began would often be too late to count. When it began and ended is among the attributes.
 */
export function eventOfAlert(
  alert: Alert,
  payload: Payload,
  { receivedAt }: { readonly receivedAt: number },
): AlertEvent {
  const { labels, annotations } = alert;
  const fingerprint = fingerprintOf(alert);
  const isFiring = alert.status === 'firing';
  const summary = firstOf(annotations, SUMMARY_ANNOTATIONS) ?? labels['alertname']?.trim();
  const { attributes, isTruncated } = attributesOf(alert, payload);
  const event: IncidentEvent = {
    id: idOf(alert, fingerprint),
    source: ALERTMANAGER_SOURCE,
    type: `com.prometheus.alertmanager.${alert.status}`,
    time: receivedAt,
    service: keyPartOf(labels, SERVICE_LABELS),
    component: keyPartOf(labels, COMPONENT_LABELS),
    fingerprint,
    kind: isFiring ? 'PROBLEM' : 'RECOVERY',
    severity: severityOf(labels['severity']),
    summary: fitText(summary === undefined || summary === '' ? UNNAMED : summary, MAX_SUMMARY_LENGTH),
    value: null,
    attributes,
  };
  return { event, isTruncated };
}

/** The same for as long as the alert fires, however often it is sent; new when it resolves or begins anew. */
function idOf({ status, startsAt, endsAt }: Alert, fingerprint: string): string {
  const parts = [fingerprint, instantOf(startsAt), status];
  if (status === 'resolved') parts.push(instantOf(endsAt));
  return fitName(parts.join('/'), MAX_ID_LENGTH);
}

/** Two Alertmanagers may write one instant in two ways; what no date can hold stays as it is. */
function instantOf(text: string): string {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? text : new Date(timeMs).toISOString();
}

/** Alertmanager hashes the labels; from one that sends none, they are hashed here. */
function fingerprintOf({ fingerprint, labels }: Alert): string {
  const given = fitKeyPart(fingerprint, MAX_KEY_PART_LENGTH);
  if (given !== '') return given;
  return hashOf(JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function keyPartOf(labels: Alert['labels'], names: readonly string[]): string {
  const part = fitKeyPart(firstOf(labels, names) ?? '', MAX_KEY_PART_LENGTH);
  return part === '' ? UNNAMED : part;
}

function firstOf(texts: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  return names.map((name) => texts[name]?.trim()).find((text) => text !== undefined && text !== '');
}

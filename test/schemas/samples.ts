import fc from 'fast-check';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import { EVENT_KIND_SYMBOLS, SEVERITY_SYMBOLS } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import type { Tick } from '../../schemas/generated/Tick.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { PROTOTYPE_KEYS } from '../../schemas/prototype-keys.ts';

export const event: IncidentEvent = {
  id: 'evt-1',
  source: 'https://probes.example.com',
  type: 'com.example.probe.failed',
  time: 1_790_000_000_123,
  service: 'checkout',
  component: 'payment-api',
  fingerprint: null,
  kind: 'PROBLEM',
  severity: 'MAJOR',
  summary: 'Zahlung abgelehnt: 503 für 12 % der Anfragen ⚠',
  value: 12.25,
  attributes: { region: 'eu-west-1', host: 'pay-7' },
};

export const command: OperatorCommand = {
  id: 'cmd-1',
  time: 1_790_000_100_000,
  incidentId: 'inc-1',
  correlationKey: 'checkout/payment-api',
  action: 'ACKNOWLEDGE',
  actor: 'ada',
  comment: null,
};

export const tick: Tick = { id: 'tick-1', time: 1_790_000_200_000, reason: 'idle' };

export const aggregate: WindowAggregate = {
  correlationKey: 'checkout/payment-api',
  service: 'checkout',
  component: 'payment-api',
  windowStart: 1_790_000_000_000,
  windowEnd: 1_790_000_060_000,
  count: 3,
  problems: 2,
  samples: 1,
  recoveries: 0,
  valueSum: 12.5,
  valueMin: 0.25,
  valueMax: null,
  highestSeverity: 'CRITICAL',
  firstEventTime: 1_790_000_000_123,
  lastEventTime: 1_790_000_050_000,
};

export const state: IncidentState = {
  incidentId: 'inc-1',
  correlationKey: 'checkout/payment-api',
  service: 'checkout',
  component: 'payment-api',
  fingerprint: 'NullPointer@Pay:31',
  status: 'ACKNOWLEDGED',
  severity: 'CRITICAL',
  summary: 'Payments fail',
  version: 3,
  firstProblemAt: 1_790_000_000_123,
  lastProblemAt: 1_790_000_050_000,
  openedAt: 1_790_000_000_123,
  acknowledgedAt: 1_790_000_100_000,
  acknowledgedBy: 'ada',
  recoveredAt: null,
  resolvedAt: null,
  closedAt: null,
  problemCount: 2 ** 40,
  reopenCount: 0,
  ruleId: 'default',
  ruleVersion: 1,
  updatedAt: 1_790_000_100_000,
};

export const transition: IncidentTransition = {
  incidentId: 'inc-1',
  correlationKey: 'checkout/payment-api',
  version: 3,
  type: 'ACKNOWLEDGED',
  from: 'OPEN',
  to: 'ACKNOWLEDGED',
  at: 1_790_000_100_000,
  reason: 'ada acknowledged it',
  ruleId: 'default',
  ruleVersion: 1,
  actor: 'ada',
  comment: 'looking',
  cause: { topic: 'incident.inbox', partition: 2, offset: 2 ** 33, eventSource: null, eventId: 'cmd-1' },
  state,
};

export const verdict: EventVerdict = {
  outcome: 'LATE',
  reason: 'time lies 2 h behind stream time',
  receivedAt: 1_790_000_003_000,
  inboxPartition: 3,
  inboxOffset: 2 ** 34,
  event,
};

/** Longs that a number and the wire both hold exactly, see `avroType`. */
const exactLong = fc.oneof(
  fc.integer(),
  fc.integer({ min: -(2 ** 52), max: Number.MAX_SAFE_INTEGER - 1 }),
  fc.constantFrom(-(2 ** 52), Number.MAX_SAFE_INTEGER - 1, 0, -1, 2 ** 31, -(2 ** 31)),
);
const text = fc.string({ unit: 'grapheme', maxLength: 100 });

export const anyEvent: fc.Arbitrary<IncidentEvent> = fc.record(
  {
    id: text,
    source: text,
    type: text,
    time: exactLong,
    service: text,
    component: text,
    fingerprint: fc.option(text),
    kind: fc.constantFrom(...EVENT_KIND_SYMBOLS),
    severity: fc.constantFrom(...SEVERITY_SYMBOLS),
    summary: text,
    value: fc.option(fc.double()),
    attributes: fc.dictionary(
      text.filter((key) => !PROTOTYPE_KEYS.includes(key)),
      text,
      { maxKeys: 8, noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

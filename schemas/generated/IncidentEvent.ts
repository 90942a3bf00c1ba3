// Made by `npm run schemas` from schemas/IncidentEvent.avsc. Change that file, not this one.

/**
 * What an upstream system reports: a problem, a measurement or a recovery. Its attributes follow CloudEvents
 * 1.0: source and id together name the event.
 */
export interface IncidentEvent {
  /** Names the event within its source. The same source and id again is the same event again. */
  readonly id: string;
  /** The system that reports, as a URI reference. Ids are unique within it. */
  readonly source: string;
  /** What kind of occurrence this is in the source's own words, such as com.example.probe.failed. */
  readonly type: string;
  /** When it happened, by the source's clock (event time). Milliseconds since the epoch. */
  readonly time: number;
  /**
   * The service that it concerns. Must not be empty or contain a slash: it is part of the correlation key.
   */
  readonly service: string;
  /**
   * The part of the service that it concerns. Must not be empty or contain a slash: it is part of the
   * correlation key.
   */
  readonly component: string;
  /**
   * Tells problems of one component apart (the hash of a stack trace, say). Null where the component is all
   * that is known.
   */
  readonly fingerprint: string | null;
  /** Whether this is a problem, a measurement or a recovery. */
  readonly kind: EventKind;
  /** How bad it is. Of no meaning for a recovery. */
  readonly severity: Severity;
  /** One sentence for people. */
  readonly summary: string;
  /** The measured value, in the source's unit. A sample must carry one. Null where nothing was measured. */
  readonly value: number | null;
  /** Whatever else the source tells. Carried along, never interpreted. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * What an event says. PROBLEM: something is wrong. RECOVERY: it is over. SAMPLE: a raw measurement, which is
 * a problem only where a rule's threshold on its window says so. A reader that meets a kind it does not know
 * takes it for SAMPLE, which by itself neither opens nor resolves anything.
 */
export type EventKind =
  | 'PROBLEM'
  | 'SAMPLE'
  | 'RECOVERY';

/** Every {@link EventKind}, in the order of the schema. */
export const EVENT_KIND_SYMBOLS = [
  'PROBLEM',
  'SAMPLE',
  'RECOVERY',
] as const;

/**
 * How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for
 * MAJOR, so that nothing bad is overlooked.
 */
export type Severity =
  | 'INFO'
  | 'MINOR'
  | 'MAJOR'
  | 'CRITICAL';

/** Every {@link Severity}, in the order of the schema. */
export const SEVERITY_SYMBOLS = [
  'INFO',
  'MINOR',
  'MAJOR',
  'CRITICAL',
] as const;

import type { Severity } from '../../schemas/generated/IncidentEvent.ts';

/**
 * What of a window is compared with what is usual: how many problems it held, or the mean or the greatest value of
 * its samples.
 */
export type Measure = 'problems' | 'mean' | 'max';

/** Which way a measure must leave the usual to be a breach. */
export type Direction = 'above' | 'below' | 'either';

/** A threshold that is learned from the windows of the same correlation key, instead of being fixed. */
export interface AdaptiveThreshold {
  readonly measure: Measure;
  readonly direction: Direction;
  /** How many usual deviations away from the usual value a breach begins. */
  readonly deviations: number;
  /** Below this nothing is a breach upwards, however unusual. */
  readonly minimum: number;
  /** The deviation is never taken to be less than this share of the usual value: very steady series have noise too. */
  readonly leastDeviationRatio: number;
  /** How many normal windows have to be learned before the threshold judges. */
  readonly warmupWindows: number;
  /** After so many windows what was learned weighs half. */
  readonly halfLifeWindows: number;
  /** After so many breaching windows in a row the new level is taken to be usual, and learned anew; null: never. */
  readonly acceptAfterWindows: number | null;
  /** The severity of a breach. */
  readonly severity: Severity;
}

/** What makes a pending problem an incident: either is enough. */
export interface OpenWhen {
  /** So many problems within one window. */
  readonly problemCount: number | null;
  readonly adaptive: AdaptiveThreshold | null;
}

/** How the incidents of some services and components are detected and how they go on. Times are in milliseconds. */
export interface Rule {
  readonly id: string;
  readonly version: number;
  /** Each is an exact name or a prefix with a trailing `*`. */
  readonly match: { readonly service: string; readonly component: string };
  readonly windowMs: number;
  readonly openWhen: OpenWhen;
  /** A problem at least this bad opens an incident at once. */
  readonly openImmediatelyAt: Severity | null;
  /** Every problem opens an incident at once: for sources that report incidents, such as a status page. */
  readonly openOnFirst: boolean;
  /**
   * What makes an incident PENDING: `problem`, the first problem event; `threshold`, nothing (it is opened the moment
   * it is detected). The latter suits services that always have some problems, which would be pending all the time.
   */
  readonly detectOn: 'problem' | 'threshold';
  /** A pending incident without a further problem for so long was transient. */
  readonly pendingMs: number;
  /** A recovery has to hold for so long before it resolves. */
  readonly holdMs: number;
  /** Without trouble for so long an incident is resolved also where no recovery was reported; null: never. */
  readonly quietMs: number | null;
  /** An acknowledgement without resolution for so long expires; null: never. */
  readonly ackExpiryMs: number | null;
  /** Trouble so soon after the resolution is the same incident again. */
  readonly reopenMs: number;
  /** A resolved incident is closed after so long. */
  readonly retentionMs: number;
}

/** What the gate lets through. Times are in milliseconds. */
export interface Limits {
  /** How far an event may lie behind stream time. */
  readonly graceMs: number;
  /** For how long, in event time, an event is recognised when it comes again. */
  readonly dedupeWithinMs: number;
  /** How far an event's time may lie beyond the time at which it was received. */
  readonly maxAheadMs: number;
  /** An earlier time (since the epoch) is not believed. */
  readonly minTime: number;
}

/** A validated rule file. The last rule matches everything; the first that matches wins. */
export interface RuleSet {
  readonly limits: Limits;
  readonly rules: readonly Rule[];
}

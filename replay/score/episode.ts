import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';

/**
 * One stretch of time in which an incident was open, from its opening (or reopening) to its resolution. An incident that
 * came back has several. Times in milliseconds since the epoch.
 */
export interface Episode {
  readonly correlationKey: string;
  /** When the trouble began that opened it: never after `openedAt`. */
  readonly startedAt: number;
  /** Stream time at which it was called an incident. */
  readonly openedAt: number;
  /** When there was trouble for the last time in it, that moment included. */
  readonly lastTroubleAt: number;
  /** Stream time at which it was called over; null while it is not. */
  readonly resolvedAt: number | null;
}

type Told = Pick<IncidentTransition, 'incidentId' | 'correlationKey' | 'type' | 'at' | 'actor' | 'ruleId'> & {
  readonly state: Pick<IncidentTransition['state'], 'firstProblemAt' | 'lastProblemAt' | 'recoveredAt'>;
};

export interface EpisodeOptions {
  /** How long there must be no trouble until a rule calls an incident over; null where it never does. */
  readonly quietMsOf: (ruleId: string) => number | null;
}

/**
 * Reads episodes off the transitions, given in the order of each key. Of every episode it keeps five numbers, and nothing
 * of incidents that were never opened.
 */
export class EpisodeCollector {
  readonly #quietMsOf: EpisodeOptions['quietMsOf'];
  readonly #done: Episode[] = [];
  readonly #open = new Map<string, Episode>();

  constructor({ quietMsOf }: EpisodeOptions) {
    this.#quietMsOf = quietMsOf;
  }

  add(transition: Told): void {
    const { incidentId, type, at, state } = transition;
    const open = this.#open.get(incidentId);
    if (open === undefined) {
      if (type === 'OPENED' || type === 'REOPENED') this.#open.set(incidentId, begun(transition));
      return;
    }
    const grown = { ...open, lastTroubleAt: Math.max(open.lastTroubleAt, state.lastProblemAt) };
    if (type === 'RESOLVED') {
      this.#open.delete(incidentId);
      this.#done.push({ ...grown, lastTroubleAt: this.#lastTroubleOf(grown, transition), resolvedAt: at });
    } else {
      this.#open.set(incidentId, grown);
    }
  }

  /** All of them, those that are still open last. */
  episodes(): Episode[] {
    return [...this.#done, ...this.#open.values()];
  }

  /**
   * Problems go on in an open incident also when they are no more than usual, so the last of them says little where quiet
   * resolved it: the trouble ended (exclusively, as windows do) just that long before.
   */
  #lastTroubleOf(episode: Episode, { at, actor, ruleId, state }: Told): number {
    const quietMs = this.#quietMsOf(ruleId);
    const isByQuiet = quietMs !== null && actor === 'system' && state.recoveredAt === null;
    if (!isByQuiet) return episode.lastTroubleAt;
    return Math.max(episode.startedAt, Math.min(episode.lastTroubleAt, at - quietMs - 1));
  }
}

function begun({ correlationKey, type, at, state }: Told): Episode {
  // What came before a reopening belongs to the episode before it.
  const startedAt = Math.min(at, type === 'OPENED' ? state.firstProblemAt : state.lastProblemAt);
  const lastTroubleAt = Math.max(startedAt, state.lastProblemAt);
  return { correlationKey, startedAt, openedAt: at, lastTroubleAt, resolvedAt: null };
}

import type { LogRecord, OutgoingRecord, Serde } from '@incident-streams/streams';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import type { RuleSet } from '../../../topology/rules/rule.ts';
import { decoded, isUnreadable } from '../comparing/decoded.ts';
import type { Unreadable } from '../comparing/decoded.ts';
import type { RecordCursor } from '../comparing/record-cursor.ts';
import { differenceOf } from '../comparing/show-difference.ts';
import { NOTHING } from '../finding.ts';
import type { Finder } from '../finding.ts';
import { nameOf } from '../reading/topic-reader.ts';

export interface TransitionMatcherOptions {
  readonly place: TopicPartition;
  /** What the partition holds. */
  readonly actual: RecordCursor;
  /** Of the inbox: up to where it is processed, and what it holds at all. */
  readonly causes: { readonly partition: number; readonly processed: number; readonly end: number };
  readonly serde: Serde<IncidentTransition>;
  readonly ruleSet: RuleSet;
  readonly finder: Finder;
}

type Found = { readonly record: LogRecord; readonly transition: IncidentTransition | Unreadable | null };

/**
 * Compares the transitions that follow from the inbox with those that are there, both in order. The offsets of their
 * causes only rise: they tell whether the one is missing or the other is one too many, and so the two stay in step.
 */
export class TransitionMatcher {
  readonly #options: TransitionMatcherOptions;
  #compared = 0;
  #hasGivenUp = false;

  constructor(options: TransitionMatcherOptions) {
    this.#options = options;
  }

  get compared(): number {
    return this.#compared;
  }

  /** Whether nothing can be said any more: the rules are others than those it was decided by. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** The next transition that follows from the inbox. */
  async expect(record: OutgoingRecord): Promise<void> {
    const { actual, serde } = this.#options;
    while (!this.#hasGivenUp) {
      const found = await actual.peek();
      if (found !== undefined && isSame(record, found)) {
        this.#compared += 1;
        return actual.skip();
      }
      const expected = serde.deserialize(record.value ?? new Uint8Array());
      if (found === undefined) return this.#missing(expected);
      const verdict = this.#compare(expected, { record: found, transition: decoded(found, serde) });
      if (verdict === 'missing') return this.#missing(expected);
      actual.skip();
      if (verdict === 'pair') return;
    }
  }

  /** Nothing follows from the inbox any more: what is left is too much. */
  async end(): Promise<void> {
    const { actual, serde } = this.#options;
    for (let record = await actual.peek(); record !== undefined; record = await actual.peek()) {
      this.#extra({ record, transition: decoded(record, serde) });
      actual.skip();
    }
  }

  close(): Promise<void> {
    return this.#options.actual.close();
  }

  /** `pair`: the two were compared. `extra`: what was found stands for itself. */
  #compare(expected: IncidentTransition, found: Found): 'pair' | 'extra' | 'missing' {
    const { transition, record } = found;
    if (transition === null || isUnreadable(transition) || !this.#isPossible(transition)) {
      this.#extra(found);
      return 'extra';
    }
    if (this.#isByOtherRules(transition)) return 'pair';
    if (transition.cause.offset < expected.cause.offset) {
      this.#extra(found);
      return 'extra';
    }
    if (transition.cause.offset > expected.cause.offset) return 'missing';
    this.#compared += 1;
    const difference = differenceOf(
      { key: expected.correlationKey, ...expected },
      { key: keyOf(record), ...transition },
    );
    if (difference !== undefined)
      this.#options.finder.differ({ at: this.#at(record, expected), ...difference });
    return 'pair';
  }

  #isPossible({ cause }: IncidentTransition): boolean {
    const { partition, end } = this.#options.causes;
    return cause.partition === partition && cause.offset < end;
  }

  #isByOtherRules({ ruleId, ruleVersion }: IncidentTransition): boolean {
    const { ruleSet, finder, place } = this.#options;
    if (ruleSet.rules.some(({ id, version }) => id === ruleId && version === ruleVersion)) return false;
    this.#hasGivenUp = true;
    finder.couldNotCheck(
      `${nameOf(place)}: decided by version ${ruleVersion} of the rule "${ruleId}", which the rules that were given do not have`,
    );
    return true;
  }

  #missing(expected: IncidentTransition): void {
    const { finder, place, causes } = this.#options;
    if (expected.cause.offset >= causes.processed) return;
    const at = `${nameOf(place)} ${expected.correlationKey}`;
    finder.differ({ at, expected: shown(expected), found: NOTHING });
  }

  #extra({ record, transition }: Found): void {
    const found =
      transition === null
        ? 'a record without a value'
        : isUnreadable(transition)
          ? transition.unreadable
          : shown(transition);
    this.#options.finder.differ({ at: `${this.#at(record)}`, expected: NOTHING, found });
  }

  #at(record: LogRecord, expected?: IncidentTransition): string {
    const { place } = this.#options;
    return `${nameOf(place)}@${record.offset} ${expected?.correlationKey ?? keyOf(record)}`;
  }
}

function isSame(expected: OutgoingRecord, found: LogRecord): boolean {
  return sameBytes(expected.key, found.key) && sameBytes(expected.value, found.value);
}

function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.compare(one, other) === 0;
}

function shown({ incidentId, version, type, cause }: IncidentTransition): string {
  return `${incidentId} version=${version} ${type}, caused by inbox offset ${cause.offset}`;
}

function keyOf({ key }: { readonly key: Uint8Array | null }): string {
  return key === null ? '(no key)' : Buffer.from(key).toString('utf8');
}

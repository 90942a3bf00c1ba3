import type { IncidentTransition, Cause } from '../../schemas/generated/IncidentTransition.ts';
import type { Rule } from '../rules/rule.ts';
import type { LifecycleMemory } from './memory.ts';

/** What a step knows besides the memory and its input. */
export interface LifecycleContext {
  /** Stream time of the partition, already moved on by the record that is being processed. */
  readonly streamTime: number;
  /** The rule for the memory's service and component. */
  readonly rule: Rule;
  /** The longest lateness accepted, of the rule set's limits. */
  readonly graceMs: number;
  /** The record that is being processed. */
  readonly cause: Cause;
}

/** What a step decided. */
export interface LifecycleStep {
  /** To be kept for the next step; the very object handed in where nothing changed. Null: forget the key. */
  readonly memory: LifecycleMemory | null;
  /** In order. */
  readonly transitions: readonly IncidentTransition[];
  /** When `onTime` is wanted next, in stream time; the same as in the memory. */
  readonly nextDueAt: number | null;
}

/** A command that was not carried out, and why. It changed nothing. */
export interface Refusal {
  readonly commandId: string;
  readonly reason: string;
}

export interface CommandStep extends LifecycleStep {
  readonly refusal: Refusal | null;
}

const NO_TRANSITIONS: readonly IncidentTransition[] = Object.freeze([]);

/** The step that changes nothing. */
export function unchanged(memory: LifecycleMemory | null): LifecycleStep {
  return { memory, transitions: NO_TRANSITIONS, nextDueAt: memory === null ? null : memory.nextDueAt };
}

import { startDraft } from './draft.ts';
import type { LifecycleMemory } from './memory.ts';
import { unchanged, type LifecycleContext, type LifecycleStep } from './step.ts';
import { finish } from './timers.ts';

/** What the passing of stream time changes. Before `nextDueAt` it is nothing. */
export function onTime(memory: LifecycleMemory | null, context: LifecycleContext): LifecycleStep {
  if (memory === null || memory.nextDueAt === null || memory.nextDueAt > context.streamTime)
    return unchanged(memory);
  return finish(startDraft(memory, context, context.streamTime), context.streamTime);
}

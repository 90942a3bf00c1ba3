import type { RuntimeEvent } from '@incident-streams/streams/kafka';
import type { Log } from '../log.ts';

/** Puts what the runtime tells into the log, each at the level that it deserves. */
export function logRuntimeEvent(log: Log, event: RuntimeEvent): void {
  const { type, ...facts } = event;
  log[runtimeLevel(type)]({ event: type, ...facts }, `topology: ${type}`);
}

function runtimeLevel(type: RuntimeEvent['type']): 'trace' | 'info' | 'warn' | 'error' {
  switch (type) {
    case 'committed':
      return 'trace';
    case 'task-lost':
    case 'state-discarded':
    case 'rebuild-shortened':
    case 'retrying':
      return 'warn';
    case 'failed':
      return 'error';
    case 'joined':
    case 'rebalancing':
    case 'restored':
    case 'task-opened':
    case 'task-closed':
      return 'info';
  }
}

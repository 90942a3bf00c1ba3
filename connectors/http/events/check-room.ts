import type { preParsingHookHandler } from 'fastify';
import type { EventIngest } from '../ports.ts';

/** Refuses at once, before the body is read, while nothing more can be taken. */
export function checkRoom(ingest: EventIngest): preParsingHookHandler {
  return (_request, _reply, payload, done) => {
    ingest.requireRoom?.();
    done(null, payload);
  };
}

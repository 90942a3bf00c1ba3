import { expect } from 'vitest';
import type { RecordPlace } from '../../connectors/http/index.ts';
import { eventJson } from './samples.ts';

export interface FloodOptions {
  readonly clients: number;
  readonly eventsPerPost: number;
  /** Called once, when so many requests have been refused that the flood is to get through from now on. */
  readonly onRefused: () => void;
}

export interface Flooded {
  /** Where each event is that was answered 202, by its id. */
  readonly accepted: ReadonlyMap<string, RecordPlace>;
  readonly refusedPosts: number;
}

const REFUSED_POSTS = 40;
const ACCEPTED_POSTS = 40;

interface Progress {
  readonly accepted: Map<string, RecordPlace>;
  acceptedPosts: number;
  refusedPosts: number;
  nextEvent: number;
}

/**
 * Posts from many clients at once, none of which waits for another, first until a number of posts was refused, then
 * until a number was taken.
 */
export async function flood(url: string, options: FloodOptions): Promise<Flooded> {
  const progress: Progress = { accepted: new Map(), acceptedPosts: 0, refusedPosts: 0, nextEvent: 0 };
  const client = async (): Promise<void> => {
    while (progress.refusedPosts < REFUSED_POSTS || progress.acceptedPosts < ACCEPTED_POSTS) {
      const status = await post(url, options.eventsPerPost, progress);
      if (status === 503 && ++progress.refusedPosts === REFUSED_POSTS) options.onRefused();
      if (status === 202) progress.acceptedPosts += 1;
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  return progress;
}

async function post(url: string, eventsPerPost: number, progress: Progress): Promise<number> {
  const events = Array.from({ length: eventsPerPost }, () => {
    const id = `flood-${progress.nextEvent++}`;
    return eventJson({ id, time: Date.now(), component: `c${progress.nextEvent % 20}` });
  });
  const response = await fetch(`${url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  const body = (await response.json()) as { code?: string; results?: ({ id: string } & RecordPlace)[] };
  if (response.status === 202) {
    for (const { id, topic, partition, offset } of body.results ?? [])
      progress.accepted.set(id, { topic, partition, offset });
    return 202;
  }
  expect([response.status, body.code]).toEqual([503, 'HTTP_INGEST_OVERLOADED']);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  return 503;
}

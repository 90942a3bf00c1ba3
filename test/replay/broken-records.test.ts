import { DeserializationError } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { brokenForms } from '../../replay/faults/broken-forms.ts';
import type { BrokenForm } from '../../replay/faults/broken-forms.ts';
import { classify } from '../../topology/gate/classify.ts';
import { arrivals, encode, few, limits, serde } from './sample.ts';

const receivedAt = Date.UTC(2018, 5, 25, 14);
const event = { ...[...arrivals({ only: ['app1-01'], limit: 1 }).from(0)][0]!.event, time: receivedAt };

/** What is said of a broken record, or undefined where it passes. */
function refusal(bytes: Uint8Array, at: number): string | undefined {
  let read;
  try {
    read = serde.deserialize(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DeserializationError);
    return 'decoder';
  }
  const context = { receivedAt: at, streamTime: at, seen: false };
  const verdict = classify(read, context, { ...limits, minTime: Date.UTC(2000, 0, 1) });
  return verdict.outcome === 'rejected' ? 'gate' : undefined;
}

describe('a broken record', () => {
  it.each(brokenForms.map((form): [string, BrokenForm] => [form.name, form]))(
    'of the form %s is refused, by whom it should be',
    (_name, form) => {
      const bytes = form.make({ event, receivedAt, maxAheadMs: limits.maxAheadMs, encode });
      expect(refusal(bytes, receivedAt)).toBe(form.refusedBy);
    },
  );

  it('is never accepted, and every other arrival is read as the event that was sent', () => {
    const forms = new Set<string>();
    for (const arrival of arrivals({ only: few, brokenRatio: 0.02 }).from(0)) {
      if (arrival.kind === 'broken') {
        forms.add(arrival.broken!.form);
        if (refusal(arrival.bytes, arrival.receivedAt) !== arrival.broken!.refusedBy)
          expect.fail(arrival.broken!.form);
      } else if (arrival.index % 50 === 0) {
        expect(serde.deserialize(arrival.bytes)).toEqual(arrival.event);
      }
    }
    expect(forms.size).toBe(brokenForms.length);
  });
});

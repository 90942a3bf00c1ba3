import { describe, expect, it } from 'vitest';
import { decodeProgress, encodeProgress } from '../../../../streams/runtime/kafka/sinks/sink-notes.ts';

const EPOCH = 1_700_000_000_000;

describe("a sink's progress in an offset commit", () => {
  it.each([
    { nextOffset: 0, lastOffset: -1, pending: null },
    { nextOffset: 7, lastOffset: 5, pending: { firstOffset: 9, lastOffset: 12 } },
  ])('is read back as it was written: %j', (progress) => {
    expect(decodeProgress(encodeProgress(progress, EPOCH), EPOCH)).toEqual(progress);
  });

  it('of an earlier topic of the same name says nothing about the new one', () => {
    const progress = { nextOffset: 7, lastOffset: 6, pending: { firstOffset: 7, lastOffset: 12 } };
    expect(decodeProgress(encodeProgress(progress, EPOCH), EPOCH + 1)).toEqual({
      nextOffset: 0,
      lastOffset: -1,
      pending: null,
    });
  });

  it.each(['', 'null', '{}', 'reset by hand', '{"v":2}'])(
    'that something else has committed counts as an offset alone: %j',
    (metadata) => {
      expect(decodeProgress({ offset: 5, metadata }, EPOCH)).toEqual({
        nextOffset: 5,
        lastOffset: 4,
        pending: null,
      });
    },
  );

  it('written by an earlier version is read as if the last record lay right before the offset', () => {
    const metadata = JSON.stringify({ v: 1, epoch: EPOCH, pending: [5, 8] });
    expect(decodeProgress({ offset: 5, metadata }, EPOCH)).toEqual({
      nextOffset: 5,
      lastOffset: 4,
      pending: { firstOffset: 5, lastOffset: 8 },
    });
  });
});

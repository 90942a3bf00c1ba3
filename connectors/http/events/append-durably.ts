import { HttpProblemError, IngestUnavailableError } from '../errors.ts';

/** Turns whatever keeps events from being stored into the problem that tells the client to send them again. */
export async function appendDurably<T>(append: () => Promise<T>): Promise<T> {
  try {
    return await append();
  } catch (cause) {
    // Whoever would store them knows better what stands in the way.
    if (cause instanceof HttpProblemError) throw cause;
    throw new IngestUnavailableError(
      'The events could not be stored. Send them again: what is already known is counted once.',
      { cause },
    );
  }
}

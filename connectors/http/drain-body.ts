import type { IncomingMessage } from 'node:http';

/**
 * Reads on and throws away what a client still sends, within bounds. Closing a socket with unread bytes in it
 * resets the connection, and the client would lose the answer that tells it what was wrong.
 */
export async function drainBody(
  request: IncomingMessage,
  { maxBytes, maxMs }: { readonly maxBytes: number; readonly maxMs: number },
): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish);
      request.pause();
      resolve();
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish();
    };
    const timer = setTimeout(finish, maxMs);
    request.on('data', count).on('end', finish).on('close', finish);
    request.resume();
  });
}

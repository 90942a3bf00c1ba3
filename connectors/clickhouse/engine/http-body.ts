import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { EngineError } from './engine-error.ts';

/** The body, decompressed, as it arrives. */
export async function* bodyOf(request: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer, void> {
  if (request.headers['content-type']?.startsWith('multipart/') === true) {
    throw new EngineError(
      'Code: 48. DB::Exception: Multipart bodies are not implemented here. (NOT_IMPLEMENTED)',
    );
  }
  let bytes = 0;
  for await (const chunk of decoded(request) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new EngineError(`Code: 307. DB::Exception: The body exceeds ${maxBytes} bytes. (TOO_MANY_BYTES)`);
    }
    yield chunk;
  }
}

function decoded(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  switch (encoding) {
    case 'identity':
      return request;
    case 'gzip':
      return pipeInto(request, createGunzip());
    case 'deflate':
      return pipeInto(request, createInflate());
    case 'br':
      return pipeInto(request, createBrotliDecompress());
    case 'zstd':
      return pipeInto(request, createZstdDecompress());
    default:
      throw new EngineError(
        `Code: 6. DB::Exception: Unknown Content-Encoding ${encoding}. (CANNOT_PARSE_TEXT)`,
      );
  }
}

function pipeInto<T extends Readable & NodeJS.WritableStream>(request: IncomingMessage, decoder: T): T {
  request.on('error', (error) => decoder.destroy(error));
  return request.pipe(decoder);
}

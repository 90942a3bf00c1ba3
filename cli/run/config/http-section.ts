import { z } from 'zod';
import { flag, leaf, listOf, rangeText, wholeNumber } from './leaf.ts';

const text = z.string().min(1).max(1_000);

const limit = (max: number, usual: number, means: string) =>
  leaf(wholeNumber(1, max).default(usual), { allowed: rangeText(1, max), means });

export const http = z.strictObject({
  host: leaf(text.default('127.0.0.1'), {
    allowed: 'an IP address or a host name',
    means: 'Where the HTTP API listens. Anywhere but on loopback it needs tokens.',
  }),
  port: leaf(wholeNumber(0, 65_535).default(8_080), {
    allowed: rangeText(0, 65_535),
    means: 'Its port; 0 takes a free one.',
  }),
  allowedHosts: leaf(listOf(text).default([]), {
    allowed: 'host names without port, separated by commas or as an array',
    means: 'Names besides localhost and 127.0.0.1 that the HTTP API may be asked under.',
  }),
  tokensFile: leaf(text.exactOptional(), {
    allowed: 'the path of a file',
    means:
      'The tokens that it lets in, see [security.md](security.md#tokens). Without it everybody who reaches it may do everything.',
  }),
  allowAnonymous: leaf(flag().default(false), {
    allowed: 'true or false',
    means: 'Whether it may listen beyond loopback without tokens, for something else keeps strangers away.',
  }),
  requestsPerSecond: limit(
    1_000_000,
    5_000,
    'Requests of one token, or of one address where there is none; twice as many at once after a pause.',
  ),
  requestTimeoutMs: leaf(wholeNumber(1_000, 600_000).default(30_000), {
    allowed: `${rangeText(1_000, 600_000)} (milliseconds)`,
    means: 'How long a request may take to arrive whole.',
  }),
  maxConnections: limit(100_000, 4_096, 'Connections at a time.'),
  maxConnectionsPerAddress: limit(100_000, 1_024, 'Of them, those from one address.'),
  maxAlertClients: limit(100_000, 100, 'Subscribers to alerts at a time.'),
  maxAlertClientsPerCaller: limit(
    100_000,
    50,
    'Of them, those of one token, or of one address where there is none.',
  ),
});

export type HttpConfig = z.infer<typeof http>;

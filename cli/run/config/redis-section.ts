import { z } from 'zod';
import { RedisUsageError } from '../../../connectors/redis/index.ts';
import { parseRedisUrl } from '../../../connectors/redis/redis-url.ts';
import { leaf, rangeText, wholeNumber } from './leaf.ts';

const text = z.string().min(1).max(1_000);
const TEXT = 'a text of 1 to 1,000 characters';

const file = (means: string) => leaf(text.exactOptional(), { allowed: 'the path of a file', means });

export const redis = z.strictObject({
  url: leaf(z.string().refine(isRedisUrl).exactOptional(), {
    allowed:
      'redis://[user:password@]host:port[/db], redis+sentinel://[user:password@]host:port,host:port/master[/db] or ' +
      'redis+cluster://[user:password@]host:port,host:port, each with rediss instead of redis for TLS',
    means: 'Where current state is kept and alerts are published. The roles all and api need it.',
    secret: 'url',
  }),
  prefix: leaf(
    z
      .string()
      .max(200)
      .regex(/^[^{}\s]*$/)
      .default(''),
    {
      allowed: 'a text without braces and spaces, at most 200 characters',
      means: 'In front of every key and channel, to keep pipelines on one server apart.',
    },
  ),
  timeoutMs: leaf(wholeNumber(10, 300_000).default(5_000), {
    allowed: `${rangeText(10, 300_000)} (milliseconds)`,
    means: 'How long Redis may take to answer.',
  }),
  tls: z
    .strictObject({
      caFile: file("PEM file with the authorities that are trusted. Default: Node's."),
      certFile: file("PEM file with this client's certificate."),
      keyFile: file('PEM file with the key of that certificate.'),
      servername: leaf(text.exactOptional(), {
        allowed: TEXT,
        means: "Name that the servers' certificates are checked against, where it is not the host's.",
      }),
    })
    .prefault({}),
  sentinel: z
    .strictObject({
      username: leaf(text.exactOptional(), {
        allowed: TEXT,
        means: 'Name to log in with at the sentinels; the one in the URL is for Redis.',
      }),
      password: leaf(text.exactOptional(), {
        allowed: TEXT,
        means: 'Password to log in with at the sentinels.',
        secret: 'value',
      }),
    })
    .prefault({}),
});

function isRedisUrl(url: string): boolean {
  try {
    parseRedisUrl(url);
    return true;
  } catch (error) {
    if (error instanceof RedisUsageError) return false;
    throw error;
  }
}

import { z } from 'zod';
import { ALERT_TYPES } from '../../../schemas/alert.ts';
import { flag, leaf, listOf, rangeText, urlOf, wholeNumber } from './leaf.ts';

const SEVERITIES = ['INFO', 'MINOR', 'MAJOR', 'CRITICAL'] as const;
const WEEK_MS = 7 * 86_400_000;

const text = z.string().min(1).max(1_000);
const texts = 'texts, separated by commas or as an array';

/** One target that alerts are posted to. */
const webhook = z.strictObject({
  url: leaf(urlOf('http:', 'https:'), {
    allowed: 'a URL that begins with https:// (or http://, with allowPlainHttp), without user and password',
    means: 'Where alerts are posted. Of it only the host is ever shown.',
    secret: 'endpoint',
  }),
  secret: leaf(listOf(text).exactOptional(), {
    allowed: 'whsec_<base64 of 24 to 64 bytes>, or two of them, separated by a comma or as an array',
    means:
      'What requests are signed with; two while receivers go over to a new one. Either this or secretFile is needed.',
    secret: 'value',
  }),
  secretFile: leaf(text.exactOptional(), {
    allowed: 'the path of a file',
    means: 'The same, in a file of its own.',
  }),
  minSeverity: leaf(z.enum(SEVERITIES).default('INFO'), {
    allowed: `one of ${SEVERITIES.join(', ')}`,
    means: 'Alerts of incidents that are less severe are not sent.',
  }),
  services: leaf(listOf(text).exactOptional(), {
    allowed: texts,
    means: 'Alerts of other services are not sent. Default: all.',
  }),
  types: leaf(listOf(z.enum(ALERT_TYPES)).exactOptional(), {
    allowed: `some of ${ALERT_TYPES.join(', ')}, separated by commas or as an array`,
    means: 'Alerts of other types are not sent. Default: all.',
  }),
  allowedNetworks: leaf(listOf(text).default([]), {
    allowed: 'networks such as 10.1.0.0/16 or fd00::/8, separated by commas or as an array',
    means: 'Where the target may lie besides the public internet.',
  }),
  allowPlainHttp: leaf(flag().default(false), {
    allowed: 'true or false',
    means: 'Whether url may begin with http://: everybody on the way can read the alerts then.',
  }),
  caFile: leaf(text.exactOptional(), {
    allowed: 'the path of a file',
    means: "PEM file with the authorities that are trusted. Default: Node's.",
  }),
  requestsPerSecond: leaf(wholeNumber(1, 1_000).default(10), {
    allowed: rangeText(1, 1_000),
    means: 'Requests that a process starts in a second, at most.',
  }),
  timeoutMs: leaf(wholeNumber(100, 60_000).default(10_000), {
    allowed: `${rangeText(100, 60_000)} (milliseconds)`,
    means: 'How long the target may take to answer.',
  }),
  maxAttempts: leaf(wholeNumber(1, 1_000).default(15), {
    allowed: rangeText(1, 1_000),
    means: 'After so many an alert is dead-lettered.',
  }),
  giveUpAfterMs: leaf(wholeNumber(1_000, WEEK_MS).default(900_000), {
    allowed: `${rangeText(1_000, WEEK_MS)} (milliseconds)`,
    means: 'So long after its first attempt as well.',
  }),
});

export type WebhookConfig = z.infer<typeof webhook>;

const NAME = /^[a-z0-9-]{1,40}$/;
const NAME_ALLOWED = 'lower-case letters, digits and dashes, at most 40';

/** Also where something else is wrong: all that is wrong is said at once. */
const namesAreAllowed = z.superRefine<Record<string, unknown> | null>(
  (targets, context) => {
    if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) return;
    const message = `has a name that is not allowed; a name must be ${NAME_ALLOWED}`;
    for (const name of Object.keys(targets))
      if (!NAME.test(name)) context.addIssue({ code: 'custom', path: [name], message });
  },
  { when: () => true },
);

/** Targets by name. */
export const webhooks = leaf(z.record(z.string(), webhook).check(namesAreAllowed).default({}), {
  allowed: `a JSON object of targets by name, a name being ${NAME_ALLOWED}`,
  means: 'Targets that alerts are posted to, see [webhooks.md](webhooks.md).',
  secret: 'value',
});

import { z } from 'zod';
import { StackUsageError } from './errors.ts';

const MAX_BROKERS = 9;
/** Leaves the highest of the usual ports below the highest there is. */
const MAX_OFFSET = 50_000;

const schema = z.object({
  dataDir: z.string().min(1, 'must name a folder').default('.stack'),
  brokers: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(MAX_BROKERS, `must be at most ${MAX_BROKERS}`)
    .default(1),
  portOffset: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must not be negative')
    .max(MAX_OFFSET, `must be at most ${MAX_OFFSET}`)
    .default(0),
  withoutPipeline: z.boolean().default(false),
});

/** What `npm run stack` takes on its command line. */
export type StackOptions = z.infer<typeof schema>;

/** @throws {StackUsageError} naming the option that cannot be used. */
export function parseStackOptions(given: unknown): StackOptions {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `--${optionName(String(path[0]))}: ${message}`,
  );
  throw new StackUsageError(problems.join('\n'));
}

/** `dataDir` as it is written on the command line. */
function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

import type { KafkaBenchOptions } from './bench-kafka.ts';
import { VARIANT_NAMES } from './variants.ts';
import type { VariantName } from './variants.ts';

/** Names of the options that `npm run bench -- kafka` takes besides `--json`. */
export const KAFKA_OPTION_NAMES = ['events', 'keys', 'partitions', 'rounds', 'variants'] as const;

type Given = Readonly<Record<string, string | undefined>>;

/** Undefined when an option makes no sense. */
export function kafkaBenchOptions(given: Given): KafkaBenchOptions | undefined {
  const variants = variantsOf(given['variants']);
  const [events, keys, partitions, rounds] = [
    numberOf(given['events'], 1_000_000),
    numberOf(given['keys'], 5_000),
    numberOf(given['partitions'], 4),
    numberOf(given['rounds'], 3),
  ];
  if (!variants || !events || !keys || !partitions || !rounds) return undefined;
  return { events, keys, partitions, rounds, variants };
}

function numberOf(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function variantsOf(text: string | undefined): readonly VariantName[] | undefined {
  if (text === undefined) return VARIANT_NAMES;
  const names = text.split(',');
  const known = VARIANT_NAMES.filter((name) => names.includes(name));
  return known.length === names.length ? known : undefined;
}

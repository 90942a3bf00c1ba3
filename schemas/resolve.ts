import type { AvroSchema } from './avro-schema.ts';
import { avroType } from './avro-type.ts';

/**
 * Why records that one schema wrote cannot be read as the other, by the rules that records are decoded by here;
 * undefined where they can. A field without a default, a symbol without an enum default and a type that does not widen
 * count even where no record happens to hold them.
 */
export function whyUnreadable(writer: AvroSchema, reader: AvroSchema): string | undefined {
  try {
    avroType(reader).createResolver(avroType(writer));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

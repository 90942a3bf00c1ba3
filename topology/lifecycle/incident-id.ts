const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;

/**
 * The id of an incident: FNV-1a, 128 bits, over its correlation key and what opened it (the event's source and id, or
 * the window). The same input opens the same incident in every replay. The parts are kept apart by their lengths, so
 * that no two lists of parts read the same.
 */
export function incidentIdOf(correlationKey: string, opener: readonly string[]): string {
  const parts = [correlationKey, ...opener];
  return fnv1a128(parts.map((part) => `${part.length}:${part}`).join(''));
}

/** FNV-1a with 128 bits over the text in UTF-8, as 32 hexadecimal digits (draft-eastlake-fnv). */
export function fnv1a128(text: string): string {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(32, '0');
}

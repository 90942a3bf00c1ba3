/**
 * Whether the client asks for `handling=lenient`. Of a preference that is said twice the first counts (RFC 7240, section 2).
 * https://www.rfc-editor.org/rfc/rfc7240
 */
export function prefersLenient(prefer: string | readonly string[] | undefined): boolean {
  const text = typeof prefer === 'string' ? prefer : (prefer ?? []).join(',');
  for (const preference of text.split(',')) {
    const [, handling] = /^\s*handling\s*=\s*"?([a-z]+)"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (handling !== undefined) return handling.toLowerCase() === 'lenient';
  }
  return false;
}

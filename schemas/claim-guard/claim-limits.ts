/** How much a record may claim to hold. What claims more is refused before anything is allocated for it. */
export interface ClaimLimits {
  /** Bytes of the Avro value as a whole. */
  readonly maxRecordBytes: number;
  /** Bytes of one string, one map key or one `bytes` value. */
  readonly maxStringBytes: number;
  /** Entries of all arrays and maps of a record taken together. */
  readonly maxEntries: number;
  /** How deep records, arrays and maps may lie within each other. */
  readonly maxDepth: number;
}

export const DEFAULT_CLAIM_LIMITS: ClaimLimits = {
  maxRecordBytes: 1_048_576,
  maxStringBytes: 65_536,
  maxEntries: 10_000,
  maxDepth: 32,
};

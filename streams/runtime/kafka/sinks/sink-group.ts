import type { MemberAssignment, MemberSubscription } from '../ports.ts';
import { stickyBalance } from './sticky-balance.ts';

/** What a member says when it joins. */
export interface Ownership {
  readonly partitions: readonly number[];
  /** The generation in which it got them. */
  readonly generation: number;
}

export const OWNS_NOTHING: Ownership = { partitions: [], generation: -1 };

export function encodeOwnership(ownership: Ownership): Uint8Array {
  return Buffer.from(JSON.stringify(ownership));
}

export function decodePartitions(userData: Uint8Array): readonly number[] {
  return decode(userData).partitions;
}

/** Shares the partitions of a sink's topic out among the members of its group. */
export function assignPartitions(
  members: readonly MemberSubscription[],
  topic: { readonly name: string; readonly partitions: number },
): MemberAssignment[] {
  const shares = stickyBalance(
    members.map(({ memberId, userData }) => {
      const { partitions, generation } = decode(userData);
      return { id: memberId, owned: partitions.map(String), generation };
    }),
    Array.from({ length: topic.partitions }, (_, partition) => String(partition)),
  );
  return members.map(({ memberId }) => {
    const partitions = (shares.get(memberId) ?? []).map(Number).sort((a, b) => a - b);
    return {
      memberId,
      partitions: partitions.map((partition) => ({ topic: topic.name, partition })),
      userData: encodeOwnership({ partitions, generation: -1 }),
    };
  });
}

/** A member of which nothing can be read, of another version perhaps, owns nothing. */
function decode(userData: Uint8Array): Ownership {
  try {
    const { partitions, generation } = JSON.parse(Buffer.from(userData).toString('utf8')) as Ownership;
    return Array.isArray(partitions) && Number.isSafeInteger(generation)
      ? { partitions, generation }
      : OWNS_NOTHING;
  } catch {
    return OWNS_NOTHING;
  }
}

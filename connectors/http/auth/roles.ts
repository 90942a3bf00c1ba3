/** What a token may be used for. */
export const ROLES = ['read', 'operate', 'admin', 'ingest'] as const;
export type Role = (typeof ROLES)[number];

/** What a route asks of its caller; `public` asks nothing. */
export type Access = Role | 'public';

const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  read: ['read'],
  ingest: ['ingest'],
  operate: ['operate', 'read'],
  admin: ROLES,
};

export function mayUse(role: Role, access: Access): boolean {
  return access === 'public' || INCLUDED[role].includes(access);
}

import type { FastifyContextConfig } from 'fastify';
import type { Access } from './roles.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes the place of what the route's method and path say. */
    access?: Access;
  }
}

/** What says nothing about incidents: where things are, and that the process lives. */
const PUBLIC_PATHS = ['/', '/healthz'];
const INGEST = /^\/(events$|integrations\/)/;
const OPERATE = /^\/(incidents|silences|maintenance)(\/|$)/;

/** Which role a route asks for. What changes something and is not known here is left to `admin`. */
export function accessOf(
  method: string,
  path: string,
  config: Pick<FastifyContextConfig, 'access'> = {},
): Access {
  if (config.access !== undefined) return config.access;
  if (method === 'GET' || method === 'HEAD') return PUBLIC_PATHS.includes(path) ? 'public' : 'read';
  if (INGEST.test(path)) return 'ingest';
  return OPERATE.test(path) ? 'operate' : 'admin';
}

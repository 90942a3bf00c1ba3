import type { FastifyInstance } from 'fastify';
import { addressKey } from './auth/caller.ts';

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

const TELL_EVERY_MS = 10_000;

/** Closes connections beyond the limits as they come, before a byte of them is read. */
export function limitConnections(app: FastifyInstance, limits: ConnectionLimits): void {
  const perAddress = new Map<string, number>();
  let refused = 0;
  let toldAtMs = -Infinity;
  const refuse = (): void => {
    refused += 1;
    if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = performance.now();
    app.log.warn({ refused, ...limits }, 'connections beyond the limits were closed');
  };
  app.server.maxConnections = limits.maxConnections;
  app.server.on('drop', refuse);
  app.server.on('connection', (socket) => {
    const address = addressKey(socket.remoteAddress);
    const open = perAddress.get(address) ?? 0;
    if (open >= limits.maxConnectionsPerAddress) {
      socket.destroy();
      refuse();
      return;
    }
    perAddress.set(address, open + 1);
    socket.once('close', () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  });
}

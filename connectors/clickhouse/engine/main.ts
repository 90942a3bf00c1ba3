import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ChdbEngine } from './chdb-engine.ts';
import { loadChdbAddon } from './chdb-addon.ts';
import { createHttpServer } from './http-server.ts';
import { fromEnvironment } from './protocol.ts';
import type { EngineReport, EngineSettings } from './protocol.ts';

const CLOSE_TIMEOUT_MS = 20_000;

/** The engine's process: chDB on one data directory behind ClickHouse's HTTP interface, until SIGTERM. */
async function main(): Promise<void> {
  const settings = fromEnvironment(process.env);
  const addon = loadChdbAddon();
  if ('unavailable' in addon) return report({ state: 'unavailable', reason: addon.unavailable });
  const engine = await ChdbEngine.open(addon, settings.dataDir, settings.lockTimeoutMs);
  await createDatabase(engine, settings);
  const server = createHttpServer(engine, settings);
  server.listen(settings.port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    // A query cannot be interrupted. One that takes too long must not keep the data from the next engine.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_TIMEOUT_MS).unref();
    server.close();
    server.closeIdleConnections();
    await engine.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  report({
    state: 'listening',
    port: (server.address() as AddressInfo).port,
    processId: process.pid,
  });
}

async function createDatabase(engine: ChdbEngine, { database }: EngineSettings): Promise<void> {
  await engine.run({
    sql: `CREATE DATABASE IF NOT EXISTS \`${database}\``,
    format: 'Null',
    database: 'default',
    settings: new Map(),
    access: 'write',
  });
}

function report(what: EngineReport): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

try {
  await main();
} catch (error) {
  report({ state: 'unavailable', reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

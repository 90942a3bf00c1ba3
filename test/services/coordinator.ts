import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SERVICE_NAMES } from './service.ts';
import type { RunningService, ServiceAnswer, ServiceName } from './service.ts';
import { startService } from './start-service.ts';

/**
 * Starts services for the workers of one test run: each at most once, when the first test asks for it.
 * `GET /<service>` answers with a ServiceAnswer as soon as the service does.
 */
export interface Coordinator {
  readonly url: string;
  close(): Promise<void>;
}

/** @param folder for the services' data. */
export async function openCoordinator(folder: string): Promise<Coordinator> {
  const services = new Map<ServiceName, Promise<RunningService>>();
  const ask = (name: ServiceName): Promise<RunningService> => {
    const known = services.get(name);
    if (known !== undefined) return known;
    const started = startIn(join(folder, name), name);
    services.set(name, started);
    return started;
  };

  const server = createServer((request, response) => {
    const name = SERVICE_NAMES.find((one) => request.url === `/${one}`);
    if (name === undefined) {
      response.writeHead(404).end();
      return;
    }
    const answer: Promise<ServiceAnswer> = ask(name).then(
      ({ url }) => ({ url }),
      (error: Error) => ({ missing: error.message }),
    );
    void answer.then((body) => response.end(JSON.stringify(body)));
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await Promise.all([...services.values()].map(stopOne));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function startIn(folder: string, name: ServiceName): Promise<RunningService> {
  await mkdir(folder);
  return startService(name, folder);
}

/** A service that did not start has already told its tests why. */
async function stopOne(starting: Promise<RunningService>): Promise<void> {
  const service = await starting.catch(() => undefined);
  await service?.stop();
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

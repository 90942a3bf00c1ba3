import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { javaCommand, mavenFolder } from '../../../stack/installation/maven.ts';
import { freePort } from '../../../stack/native/free-port.ts';
import { planBroker } from '../../../stack/native/kafka-broker.ts';
import type { KafkaBroker } from '../../../stack/native/kafka-broker.ts';
import { KAFKA_POM } from '../../../stack/native/kafka-cluster.ts';
import { clusterSettings, placeSettings } from '../../../stack/native/kafka-settings.ts';
import type { BrokerPlace } from '../../../stack/native/kafka-settings.ts';
import { LateProxy } from './late-proxy.ts';

export const BROKERS = 3;
const STOP_MS = 10_000;

/** Three brokers, each with a second address that leads through a proxy. */
export interface FaultCluster {
  readonly brokers: readonly KafkaBroker[];
  readonly proxies: readonly LateProxy[];
  readonly urls: readonly string[];
  readonly proxyUrls: readonly string[];
  stop(): Promise<void>;
}

interface ProxiedPlace extends BrokerPlace {
  readonly behindProxy: number;
  readonly proxy: number;
}

/** A cluster with three replicas of everything, two of which a write waits for. */
export async function startFaultCluster(folder: string): Promise<FaultCluster> {
  const [libraries, java] = [await mavenFolder(KAFKA_POM, 'copy-dependencies'), await javaCommand()];
  const clusterId = randomBytes(16).toString('base64url');
  const places: ProxiedPlace[] = [];
  for (let nodeId = 1; nodeId <= BROKERS; nodeId++) {
    const place = { nodeId, port: await freePort(), controllerPort: await freePort() };
    places.push({ ...place, behindProxy: await freePort(), proxy: await freePort() });
  }
  const brokers = places.map((place) => {
    const brokerFolder = join(folder, String(place.nodeId));
    const dataFolder = join(brokerFolder, 'data');
    const own = placeSettings(place, places, dataFolder);
    const settings = {
      ...clusterSettings(BROKERS),
      ...own,
      listeners: `${own['listeners'] ?? ''},PROXIED://127.0.0.1:${place.behindProxy}`,
      'advertised.listeners': `${own['advertised.listeners'] ?? ''},PROXIED://127.0.0.1:${place.proxy}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT',
    };
    const url = `127.0.0.1:${place.port}`;
    const { nodeId } = place;
    return planBroker({
      ...{ nodeId, url, folder: brokerFolder, dataFolder, clusterId, settings, java, libraries },
      stopMs: STOP_MS,
    });
  });
  const proxies = await Promise.all(
    places.map(async ({ behindProxy, proxy }) => {
      const made = new LateProxy(behindProxy);
      await made.listen(proxy);
      return made;
    }),
  );
  await mkdir(folder, { recursive: true });
  const stop = async (): Promise<void> => {
    for (const proxy of proxies) proxy.close();
    await Promise.all(brokers.map((broker) => broker.kill()));
  };
  try {
    await Promise.all(brokers.map((broker) => broker.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ brokers, proxies, stop },
    urls: brokers.map(({ url }) => url),
    proxyUrls: places.map(({ proxy }) => `127.0.0.1:${proxy}`),
  };
}

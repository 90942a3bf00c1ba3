import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { javaCommand, mavenFolder } from '../installation/maven.ts';
import { freePort } from './free-port.ts';
import { planBroker } from './kafka-broker.ts';
import type { KafkaBroker } from './kafka-broker.ts';
import { clusterSettings, placeSettings } from './kafka-settings.ts';
import type { BrokerPlace } from './kafka-settings.ts';
import type { RunningService } from './running-service.ts';

export const KAFKA_POM = join(import.meta.dirname, '../maven/kafka/pom.xml');

/** With others gone as well there is nobody to hand partitions to: a broker that waits for it any longer waits in vain. */
const CLUSTER_STOP_MS = 10_000;

export interface KafkaClusterOptions {
  /** How many. Each is a controller, too, so of three one may be missing. */
  readonly brokers: number;
  /** Holds each broker's data in `<folder>/<nodeId>`, and brings them back when started there again. Made if missing. */
  readonly folder: string;
  /** For clients, on 127.0.0.1, one for each broker. Default: free ones. */
  readonly ports?: readonly number[];
  /** More settings of server.properties, the same for all; they win over those made here. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A cluster of Apache Kafka brokers; its url names them all, whether they run at the moment or not. */
export interface KafkaCluster extends RunningService {
  readonly brokers: readonly KafkaBroker[];
}

/**
 * Starts a cluster and waits until every broker takes part in it. From three brokers on, topics have three replicas,
 * two of which a write with `acks=all` waits for.
 */
export async function startKafkaCluster(options: KafkaClusterOptions): Promise<KafkaCluster> {
  const [libraries, java] = [await mavenFolder(KAFKA_POM, 'copy-dependencies'), await javaCommand()];
  await mkdir(options.folder, { recursive: true });
  const clusterId = await clusterIdOf(options.folder);
  const places = await placesOf(options);
  const brokers = places.map((place) => {
    const folder = join(options.folder, String(place.nodeId));
    const dataFolder = join(folder, 'data');
    const settings = {
      ...clusterSettings(options.brokers),
      ...placeSettings(place, places, dataFolder),
      ...options.settings,
    };
    const url = `127.0.0.1:${place.port}`;
    const { nodeId } = place;
    return planBroker({
      ...{ nodeId, url, folder, dataFolder, clusterId, settings, java, libraries },
      stopMs: CLUSTER_STOP_MS,
    });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.stop()));
  };
  const starts = await Promise.allSettled(brokers.map((broker) => broker.start()));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { url: brokers.map(({ url }) => url).join(','), brokers, stop };
}

/** The id under which the brokers know one another, made when the folder is used for the first time. */
async function clusterIdOf(folder: string): Promise<string> {
  const file = join(folder, 'cluster-id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known;
  const made = randomBytes(16).toString('base64url');
  await writeFile(file, made);
  return made;
}

async function placesOf({ brokers, ports }: KafkaClusterOptions): Promise<BrokerPlace[]> {
  const places: BrokerPlace[] = [];
  for (let index = 0; index < brokers; index++) {
    const port = ports?.[index] ?? (await freePort());
    places.push({ nodeId: index + 1, port, controllerPort: await freePort() });
  }
  return places;
}

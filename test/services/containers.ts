import { execFile } from 'node:child_process';
import type { StartedTestContainer } from 'testcontainers';
import { freePort } from '../../stack/native/free-port.ts';
import { IMAGES } from '../../stack/versions.ts';
import type { RunningService, ServiceName } from './service.ts';

const DOCKER_ANSWER_MS = 5_000;

let docker: Promise<boolean> | undefined;

/** Whether a Docker engine (not only its command) is there; asked once. */
export function dockerAnswers(): Promise<boolean> {
  docker ??= new Promise((resolve) => {
    execFile('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: DOCKER_ANSWER_MS }, (error) =>
      resolve(error === null),
    );
  });
  return docker;
}

/** Starts a service as a container, which the container runtime's reaper removes should this process die. */
export function startContainer(name: ServiceName): Promise<RunningService> {
  return CONTAINERS[name]();
}

const CONTAINERS: Record<ServiceName, () => Promise<RunningService>> = {
  kafka: startKafkaContainer,
  schemaRegistry: () =>
    start({
      image: IMAGES.schemaRegistryInMemory,
      port: 8080,
      url: (at) => `http://${at}/apis/ccompat/v7`,
      readyPath: '/apis/ccompat/v7/subjects',
    }),
  redis: () => start({ image: IMAGES.redis, port: 6379, url: (at) => `redis://${at}` }),
  postgres: () =>
    start({
      image: IMAGES.postgres,
      port: 5432,
      environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' },
      url: (at) => `postgres://postgres@${at}/postgres`,
      // The image starts once to set the database up and once more for good.
      readyLog: { pattern: /database system is ready to accept connections/, times: 2 },
    }),
  clickhouse: () =>
    start({
      image: IMAGES.clickhouse,
      port: 8123,
      environment: { CLICKHOUSE_USER: 'incidents', CLICKHOUSE_PASSWORD: 'incidents' },
      url: (at) => `http://incidents:incidents@${at}`,
      readyPath: '/ping',
    }),
};

interface ContainerPlan {
  readonly image: string;
  /** The port inside the container. */
  readonly port: number;
  /** The service's URL, given `host:port` as seen from here. */
  readonly url: (at: string) => string;
  readonly environment?: Record<string, string>;
  readonly readyPath?: string;
  readonly readyLog?: { readonly pattern: RegExp; readonly times: number };
}

async function start(plan: ContainerPlan): Promise<RunningService> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const ready =
    plan.readyPath !== undefined
      ? Wait.forHttp(plan.readyPath, plan.port)
      : plan.readyLog !== undefined
        ? Wait.forLogMessage(plan.readyLog.pattern, plan.readyLog.times)
        : Wait.forListeningPorts();
  const container = await new GenericContainer(plan.image)
    .withExposedPorts(plan.port)
    .withEnvironment(plan.environment ?? {})
    .withWaitStrategy(ready)
    .start();
  return running(container, plan.url(`${container.getHost()}:${container.getMappedPort(plan.port)}`));
}

/** A broker tells its clients where it is, so its outer port has to be known before it starts. */
async function startKafkaContainer(): Promise<RunningService> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers');
  const host = (await getContainerRuntimeClient()).info.containerRuntime.host;
  const port = await freePort();
  const container = await new GenericContainer(IMAGES.kafka)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '2',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  return running(container, `${host}:${port}`);
}

function running(container: StartedTestContainer, url: string): RunningService {
  return {
    url,
    stop: async () => {
      await container.stop();
    },
  };
}

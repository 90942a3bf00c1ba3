import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../installation/run-command.ts';
import { toProperties } from './kafka-settings.ts';
import { OUTPUT_FILE, startProgram } from './program.ts';
import type { RunningProgram } from './running-service.ts';

/** One broker of a cluster, which can go and come back with its data. */
export interface KafkaBroker {
  readonly nodeId: number;
  /** `host:port` for clients; the same after every start. */
  readonly url: string;
  /** The process, while it runs: to send it signals. */
  processId(): number | undefined;
  /** Waits until the broker takes part in its cluster. Does nothing while it runs. */
  start(): Promise<void>;
  /** SIGTERM: it hands its partitions over first, where another broker can take them. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface BrokerPlan {
  readonly nodeId: number;
  readonly url: string;
  /** Holds its settings and its output. Made if it is missing. */
  readonly folder: string;
  readonly dataFolder: string;
  readonly clusterId: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly java: string;
  /** The folder of Kafka's jars. */
  readonly libraries: string;
  /** How long a stop may take before it becomes a kill. */
  readonly stopMs: number;
}

const JVM = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/** A broker that has not been started yet. */
export function planBroker(plan: BrokerPlan): KafkaBroker {
  let program: RunningProgram | undefined;
  const running = (): RunningProgram | undefined => (program?.hasEnded() === false ? program : undefined);
  return {
    nodeId: plan.nodeId,
    url: plan.url,
    processId: () => running()?.processId,
    start: async () => {
      if (running() === undefined) program = await startBroker(plan);
    },
    stop: async () => program?.stop(),
    kill: async () => program?.kill(),
  };
}

async function startBroker(plan: BrokerPlan): Promise<RunningProgram> {
  const { folder, libraries, java } = plan;
  await mkdir(folder, { recursive: true });
  const settingsFile = join(folder, 'server.properties');
  await writeFile(settingsFile, toProperties(plan.settings));
  const classPath = ['-cp', join(libraries, '*')];
  if (!(await isFormatted(plan.dataFolder))) {
    const format = [
      'kafka.tools.StorageTool',
      'format',
      `--cluster-id=${plan.clusterId}`,
      '-c',
      settingsFile,
    ];
    await runCommand(java, [...classPath, ...format]);
  }
  return startProgram({
    url: plan.url,
    command: java,
    args: [...JVM, ...classPath, 'kafka.Kafka', settingsFile],
    folder,
    ask: () => askBroker(folder),
    stopMs: plan.stopMs,
  });
}

function isFormatted(dataFolder: string): Promise<boolean> {
  return access(join(dataFolder, 'meta.properties')).then(
    () => true,
    () => false,
  );
}

/** The broker accepts connections a moment before it takes part in its cluster; this line comes after both. */
async function askBroker(folder: string): Promise<void> {
  const output = await readFile(join(folder, OUTPUT_FILE), 'utf8');
  if (!output.includes('Kafka Server started')) throw new Error('the broker is still starting');
}

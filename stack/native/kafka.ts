import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { javaCommand, mavenFolder } from '../installation/maven.ts';
import { runCommand } from '../installation/run-command.ts';
import type { RunningService } from './running-service.ts';
import { OUTPUT_FILE, startProgram } from './program.ts';

const POM = join(import.meta.dirname, '../maven/kafka/pom.xml');
const JVM = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

/** One empty Apache Kafka broker that is its own controller. Topics have to be created, none appears by itself. */
export async function startKafka(folder: string): Promise<RunningService> {
  const [libraries, java] = [await mavenFolder(POM, 'copy-dependencies'), await javaCommand()];
  const [port, controllerPort] = [await freePort(), await freePort()];
  const settings = join(folder, 'server.properties');
  await writeFile(settings, brokerSettings({ port, controllerPort, data: join(folder, 'data') }));

  const classPath = ['-cp', join(libraries, '*')];
  const clusterId = randomBytes(16).toString('base64url');
  await runCommand(java, [
    ...classPath,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    settings,
  ]);
  return startProgram({
    url: `127.0.0.1:${port}`,
    command: java,
    args: [...JVM, ...classPath, 'kafka.Kafka', settings],
    folder,
    ask: () => askKafka(folder),
  });
}

interface BrokerPlan {
  readonly port: number;
  readonly controllerPort: number;
  readonly data: string;
}

/** Settings for short tests: one replica, few internal partitions, groups that form and notice a death at once. */
function brokerSettings({ port, controllerPort, data }: BrokerPlan): string {
  return `
node.id=1
process.roles=broker,controller
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
log.dirs=${data}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=33554432
controlled.shutdown.enable=false
`;
}

/** The broker accepts connections a moment before it takes part in its cluster; this line comes after both. */
async function askKafka(folder: string): Promise<void> {
  const output = await readFile(join(folder, OUTPUT_FILE), 'utf8');
  if (!output.includes('Kafka Server started')) throw new Error('the broker is still starting');
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installedCommand } from '../../stack/installation/apt.ts';
import { javaWithClients, runJava, runKafkaTool } from './java-programs.ts';

export interface StateTopic {
  readonly brokers: string;
  readonly topic: string;
  /** A name that nobody has used, for a reader that needs a group. */
  readonly group: string;
}

/** The newest value of each key, in base64. */
export type Table = ReadonlyMap<string, string>;

export interface StateReader {
  readonly name: string;
  /** Installs what it takes; rejects where that cannot be had. */
  readonly prepare: () => Promise<unknown>;
  readonly read: (topic: StateTopic) => Promise<Table>;
}

/** How long the console consumer waits for one more record before it ends. */
const QUIET_MS = 8_000;

/** Clients that have nothing of this repository in them. */
export const STATE_READERS: readonly StateReader[] = [
  { name: 'kcat', prepare: kcatCommand, read: readByKcat },
  { name: "Java's console consumer", prepare: javaWithClients, read: readByConsoleConsumer },
  {
    name: 'a KTable of Kafka Streams',
    prepare: javaWithClients,
    read: async ({ brokers, topic, group }) =>
      newest(linesOf(await runJava('ReadTable', [brokers, topic, group]))),
  },
];

function kcatCommand(): Promise<string> {
  return installedCommand('kcat', 'kcat');
}

async function readByKcat({ brokers, topic }: StateTopic): Promise<Table> {
  const settings = ['-X', 'isolation.level=read_committed', '-o', 'beginning', '-e', '-q', '-u'];
  const { stdout } = await promisify(execFile)(
    await kcatCommand(),
    ['-b', brokers, '-C', '-t', topic, ...settings, '-f', '%K %S %k%s'],
    { encoding: 'buffer' },
  );
  return newest(cutByLengths(stdout));
}

async function readByConsoleConsumer({ brokers, topic, group }: StateTopic): Promise<Table> {
  const bytes = 'org.apache.kafka.common.serialization.BytesDeserializer';
  const formatter = ['print.key=true', 'key.separator=\t', `value.deserializer=${bytes}`];
  const output = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers, '--topic', topic, '--group', group, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', String(QUIET_MS)],
    ...formatter.flatMap((property) => ['--formatter-property', property]),
  ]);
  return newest(linesOf(output).map(([key, value]) => [key, value === 'null' ? null : fromEscapes(value)]));
}

function newest(records: Iterable<readonly [key: string, value: string | null]>): Table {
  const table = new Map<string, string>();
  for (const [key, value] of records) {
    if (value === null) table.delete(key);
    else table.set(key, value);
  }
  return table;
}

function linesOf(output: string): [key: string, value: string][] {
  const lines = output.split('\n').filter((line) => line.includes('\t'));
  return lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]);
}

/** `<length of the key> <length of the value> <key><value>`, one after the other; no value has the length -1. */
function* cutByLengths(output: Buffer): Iterable<[key: string, value: string | null]> {
  for (let at = 0; at < output.length;) {
    const afterKeyLength = output.indexOf(' ', at);
    const afterValueLength = output.indexOf(' ', afterKeyLength + 1);
    const keyEnd = afterValueLength + 1 + Number(output.subarray(at, afterKeyLength));
    const valueLength = Number(output.subarray(afterKeyLength + 1, afterValueLength));
    const key = output.subarray(afterValueLength + 1, keyEnd).toString();
    at = keyEnd + Math.max(valueLength, 0);
    yield [key, valueLength < 0 ? null : output.subarray(keyEnd, at).toString('base64')];
  }
}

/** As `org.apache.kafka.common.utils.Bytes` prints itself: what is not plain stands as a backslash, x and two digits. */
function fromEscapes(printed: string): string {
  const plain = printed.replaceAll(/\\x([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1').toString('base64');
}

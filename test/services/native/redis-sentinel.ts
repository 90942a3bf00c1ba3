import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../stack/native/free-port.ts';
import { startProgram } from '../../../stack/native/program.ts';
import { pingRedis, redisCommand } from '../../../stack/native/redis.ts';
import type { RunningProgram } from '../../../stack/native/running-service.ts';

export const MASTER_NAME = 'mymaster';

export interface SentinelOptions {
  /** The port of the master on 127.0.0.1, where it is when this starts. */
  readonly masterPort: number;
  /** How long the master may be silent before another takes its place. */
  readonly downAfterMs: number;
  /** More lines of sentinel.conf. */
  readonly lines?: readonly string[];
}

/** One sentinel, which decides alone. Its url is `redis://127.0.0.1:<port>`. */
export async function startSentinel(folder: string, options: SentinelOptions): Promise<RunningProgram> {
  const [command, port] = [await redisCommand(), await freePort()];
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'sentinel.conf');
  const { masterPort, downAfterMs, lines = [] } = options;
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${MASTER_NAME} 3000`,
    ...lines,
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  return startProgram({
    url: `redis://127.0.0.1:${port}`,
    command,
    args: [file, '--sentinel'],
    folder,
    ask: () => pingRedis(port),
  });
}

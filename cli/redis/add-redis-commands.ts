import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { rebuild } from './rebuild-command.ts';
import { redisOfCommand } from './redis-of-command.ts';

interface Given {
  readonly config?: string;
  readonly url?: string;
  readonly prefix?: string;
  readonly partition?: string;
  readonly timeout: string;
}

/** `incidents redis rebuild`. */
export function addRedisCommands(program: Command): void {
  program
    .command('redis')
    .description('what is kept in Redis')
    .command('rebuild')
    .description(
      'have the running pipeline make it anew from the topics, and wait; exits 1 where that is not done in time',
    )
    .option('--config <file>', 'the configuration file of incidents run (default: INCIDENTS_CONFIG)')
    .option('--url <url>', 'Redis, redis://[user:password@]host:port[/db] (default: redis.url)')
    .option('--prefix <text>', 'what keys and channels begin with (default: redis.prefix)')
    .option('--partition <number>', 'this partition only')
    .option('--timeout <seconds>', 'how long to wait', '600')
    .action(async (given: Given) => {
      const { partition, timeout, ...where } = given;
      const redis = redisOfCommand({ environment: process.env, ...where });
      process.exitCode = await rebuild({
        redis: {
          ...redis,
          waitMs: wholeNumber('--timeout', timeout) * 1_000,
          ...(partition === undefined ? {} : { partition: wholeNumber('--partition', partition) }),
        },
        print: (line) => void process.stdout.write(`${line}\n`),
      });
    });
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: expected a whole number`);
  return Number(text);
}

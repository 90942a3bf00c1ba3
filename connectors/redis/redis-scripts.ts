import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Scripts } from './redis-connection.ts';
import { errorOfReply, RedisCommandError } from './redis-errors.ts';

const CLAIM = 'claimPartition';
const APPLY = 'applyBatch';

/** A script's answer: a word, then what belongs to it. */
export type ScriptAnswer = readonly [outcome: string, ...details: (string | number)[]];

type ScriptCall = (keyCount: number, keysAndArgs: readonly string[]) => Promise<unknown>;

/** The sink's scripts: called by their hash, sent in full where the server lacks them. */
export const SINK_SCRIPTS: Scripts = {
  [CLAIM]: { lua: scriptText('claim-partition.lua') },
  [APPLY]: { lua: scriptText('apply-batch.lua') },
};

export function claimPartition(
  client: Redis,
  keys: readonly string[],
  args: readonly string[],
): Promise<ScriptAnswer> {
  return callScript(client, CLAIM, keys, args);
}

export function applyBatch(
  client: Redis,
  keys: readonly string[],
  args: readonly string[],
): Promise<ScriptAnswer> {
  return callScript(client, APPLY, keys, args);
}

async function callScript(
  client: Redis,
  name: string,
  keys: readonly string[],
  args: readonly string[],
): Promise<ScriptAnswer> {
  const scripts = client as unknown as Record<string, ScriptCall>;
  const answer = await scripts[name]?.call(client, keys.length, keys.concat(args));
  if (!Array.isArray(answer) || typeof answer[0] !== 'string') {
    throw new RedisCommandError(`${name}: unexpected answer ${JSON.stringify(answer)}`);
  }
  const [outcome, command, key, reply] = answer as [string, ...(string | number)[]];
  if (outcome === 'FAILED') throw errorOfReply(String(reply), `${command} ${key}`);
  return answer as unknown as ScriptAnswer;
}

function scriptText(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

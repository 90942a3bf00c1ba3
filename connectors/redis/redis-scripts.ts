import { readFileSync } from 'node:fs';
import type { RedisLink, Scripts } from './redis-connection.ts';
import { errorOfReply, RedisCommandError } from './redis-errors.ts';

/** A script's answer: a word, then what belongs to it. */
export type ScriptAnswer = readonly [outcome: string, ...details: (string | number)[]];

type ScriptCall = (keyCount: number, keysAndArgs: readonly (string | number)[]) => Promise<unknown>;

const FILES = {
  claimPipeline: ['claim-pipeline.lua'],
  claimPartition: ['claim-partition.lua'],
  applyBatch: ['save-state.lua', 'apply-batch.lua'],
  beginSnapshot: ['begin-snapshot.lua'],
  saveSnapshot: ['save-state.lua', 'save-snapshot.lua'],
  finishSnapshot: ['finish-snapshot.lua'],
  beginRebuild: ['begin-rebuild.lua'],
} as const;

export type ScriptName = keyof typeof FILES;

/** All scripts: called by their hash, sent in full where the server lacks them. */
export const REDIS_SCRIPTS: Scripts = Object.fromEntries(
  Object.entries(FILES).map(([name, files]) => [name, { lua: files.map(textOf).join('') }]),
);

/** Calls a script; all of its keys lie in one slot, and messages name the first of them. */
export function runScript(
  link: RedisLink,
  script: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<ScriptAnswer> {
  const [key = ''] = keys;
  return link.run({ doing: `EVALSHA ${script} ${key}`, key }, async (client) => {
    const scripts = client as unknown as Record<string, ScriptCall>;
    return checked(script, await scripts[script]?.call(client, keys.length, [...keys, ...args]));
  });
}

function checked(script: ScriptName, answer: unknown): ScriptAnswer {
  if (!Array.isArray(answer) || typeof answer[0] !== 'string')
    throw new RedisCommandError(`${script}: unexpected answer ${JSON.stringify(answer)}`);
  const [outcome, command, key, reply] = answer as [string, ...(string | number)[]];
  if (outcome === 'FAILED') throw errorOfReply(String(reply), `${command} ${key}`);
  return answer as unknown as ScriptAnswer;
}

function textOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

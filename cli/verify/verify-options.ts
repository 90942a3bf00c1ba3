import { loadRules } from '../demo/demo-options.ts';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../run/config/load-config.ts';
import type { Environment } from '../run/config/sources.ts';
import { CHECKS } from './finding.ts';
import type { CheckName } from './finding.ts';
import type { VerifyOptions } from './verify-pipeline.ts';

/** As they were given on the command line. */
export interface GivenVerifyOptions {
  readonly config?: string;
  readonly only?: string;
  readonly timeout?: string;
  readonly maxKeys?: string;
  readonly json?: boolean;
}

const MAX_TIMEOUT_S = 86_400;
const MAX_SHOWN = 1_000_000;

/** @throws {ConfigError | RulesError | UsageError} */
export function parseVerifyOptions(given: GivenVerifyOptions, environment: Environment): VerifyOptions {
  const { config: file, only, timeout, maxKeys } = given;
  const config = loadConfig({
    environment,
    // The role that can do without Redis and ClickHouse: which of them are used is for the configuration to say.
    role: 'topology',
    ...(file === undefined ? {} : { file }),
  });
  return {
    config,
    ruleSet: loadRules(config.rules.file),
    only: only === undefined ? CHECKS : checksOf(only),
    limits: {
      timeoutMs: 1_000 * wholeNumber('--timeout', timeout ?? '30', MAX_TIMEOUT_S),
      maxShown: wholeNumber('--max-keys', maxKeys ?? '10', MAX_SHOWN),
    },
  };
}

function checksOf(text: string): readonly CheckName[] {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !CHECKS.some((check) => check === name));
  if (unknown.length === 0) return CHECKS.filter((check) => wanted.includes(check));
  throw new UsageError(`--only ${unknown.join(', ')}: the checks are ${CHECKS.join(', ')}`);
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(`${option} ${text}: it must be a whole number from 1 to ${max}`);
}

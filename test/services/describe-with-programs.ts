import { describe, test } from 'vitest';
import { askForService } from './describe-with.ts';
import { alertmanagerCommand } from './native/alertmanager.ts';
import { findCommand, installedCommand } from '../../stack/installation/apt.ts';

export type Program = 'redis-server' | 'chdb' | 'maven' | 'jdk' | 'prometheus-alertmanager';

/**
 * A `describe` whose tests need programs that the command line starts itself; await it at the top level of the test
 * file. What is missing is installed where that is possible; else the tests are skipped with the reason, which is a
 * failure where CI=true.
 */
export async function describeWithPrograms(
  programs: readonly Program[],
  title: string,
  tests: () => void,
): Promise<void> {
  const reasons = await Promise.all(programs.map(missingReason));
  const skipReason = reasons.filter((reason) => reason !== undefined).join('; ');
  if (skipReason === '') {
    describe(title, tests);
    return;
  }
  if (process.env['CI'] === 'true') {
    test(`${title}: its programs are there`, () => {
      throw new Error(skipReason);
    });
  }
  describe(title, { skip: true, meta: { skipReason } }, tests);
}

/** Left to the coordinator, which installs one package at a time, whatever the test files ask for side by side. */
async function installRedis(): Promise<void> {
  if ((await findCommand('redis-server')) === undefined) await askForService('redis');
  await installedCommand('redis-server', 'redis-server');
}

const INSTALL: Readonly<Record<Program, () => unknown>> = {
  'redis-server': installRedis,
  chdb: () => import.meta.resolve('chdb'),
  maven: () => installedCommand('mvn', 'maven'),
  jdk: () => installedCommand('javac', 'default-jdk-headless'),
  'prometheus-alertmanager': alertmanagerCommand,
};

async function missingReason(program: Program): Promise<string | undefined> {
  try {
    await INSTALL[program]();
    return undefined;
  } catch (error) {
    return `${program}: ${(error as Error).message}`;
  }
}

import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, inject, test } from 'vitest';
import type { ServiceAnswer, ServiceName } from './service.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the tests of this suite were skipped. */
    skipReason?: string;
  }
}

/**
 * A `describe` whose tests need real services; await it at the top level of the test file. The services start
 * on first use and are shared by the whole run, so names of topics, keys and tables should be made unique.
 * Without one of them the tests are skipped with the reason; where CI=true that is a failure.
 *
 * @param tests registers the tests; it gets each service's URL. Connect inside hooks and tests, not right here.
 */
export async function describeWith<Name extends ServiceName>(
  names: readonly Name[],
  title: string,
  tests: (urls: Readonly<Record<Name, string>>) => void,
): Promise<void> {
  const answers = await Promise.all(names.map(async (name) => [name, await askForService(name)] as const));
  const urls = Object.fromEntries(answers.map(([name, answer]) => [name, 'url' in answer ? answer.url : '']));
  const register = (): void => tests(urls as Record<Name, string>);

  const missing = answers.flatMap(([, answer]) => ('missing' in answer ? [answer.missing] : []));
  if (missing.length === 0) {
    describe(title, register);
    return;
  }
  const skipReason = missing.join('; ');
  if (process.env['CI'] === 'true') {
    test(`${title}: its services are there`, () => {
      throw new Error(skipReason);
    });
  }
  describe(title, { skip: true, meta: { skipReason } }, register);
}

/** Starts a service unless it runs, however long that takes: the first time may include a download. */
export async function askForService(name: ServiceName): Promise<ServiceAnswer> {
  const reply = await new Promise<string>((resolve, reject) => {
    get(`${inject('servicesUrl')}/${name}`, (response) => void text(response).then(resolve, reject)).once(
      'error',
      reject,
    );
  });
  return JSON.parse(reply) as ServiceAnswer;
}

/** A name that no other test of this run, nor of an earlier one, has used. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 13)}`;
}

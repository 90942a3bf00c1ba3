import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { ConfluentRegistryOptions } from '../../connectors/schema-registry/index.ts';
import { makeCertificates } from '../kafka/certificates.ts';
import { describeWith } from '../services/describe-with.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';
import { uniqueSubjects } from './subjects.ts';

await describeWith(['schemaRegistry'], 'a registry behind TLS', ({ schemaRegistry }) => {
  test('is trusted by its authority, and gets the certificate that it asks for', async () => {
    using folder = temporaryDirectory();
    const files = await makeCertificates(folder.path);
    const [server, ca] = [readFileSync(files.server), readFileSync(files.authority)];
    const client = { cert: readFileSync(files.client), key: readFileSync(files.clientKey) };
    const tls = { key: server, cert: server, ca, requestCert: true, rejectUnauthorized: true };
    await using proxy = await startSwitchableProxy(schemaRegistry, tls);
    const subjects = uniqueSubjects();
    const open = (options: Partial<ConfluentRegistryOptions>): Promise<string> => {
      const reasons: string[] = [];
      const giveUp = new AbortController();
      const onRetry = (reason: string): void => {
        reasons.push(reason);
        giveUp.abort();
      };
      return openConfluentRegistry({
        url: proxy.url,
        subjects,
        onRetry,
        signal: giveUp.signal,
        ...options,
      }).then(
        () => 'open',
        () => reasons.join(),
      );
    };
    expect(await open({ tls: { ca, ...client } })).toBe('open');
    expect(await open({ tls: client })).toMatch(/self-signed certificate|unable to verify/);
    expect(await open({ tls: { ca } })).toMatch(/cannot be asked: /);
  });
});

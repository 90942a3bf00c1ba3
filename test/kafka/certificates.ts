import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../stack/installation/run-command.ts';

/** PEM files. */
export interface Certificates {
  readonly authority: string;
  /** The key, its certificate for 127.0.0.1 and localhost, and the authority's. */
  readonly server: string;
  readonly client: string;
  readonly clientKey: string;
}

/** An authority of its own, and what it has signed. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const [authority, authorityKey] = [file('authority.pem'), file('authority.key')];
  await openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    authorityKey,
    '-out',
    authority,
    ...subject('Test Authority'),
    '-days',
    '2',
  );

  const sign = async (name: string): Promise<{ readonly key: string; readonly certificate: string }> => {
    const [key, request, certificate] = [file(`${name}.key`), file(`${name}.csr`), file(`${name}.pem`)];
    await writeFile(file('names.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    await openssl('req', ...NEW_KEY, key, '-out', request, ...subject(name));
    const signing = [
      '-CA',
      authority,
      '-CAkey',
      authorityKey,
      '-CAcreateserial',
      '-extfile',
      file('names.ext'),
    ];
    await openssl('x509', '-req', '-in', request, '-out', certificate, ...signing, '-days', '2');
    return { key, certificate };
  };
  const [broker, client] = [await sign('broker'), await sign('client')];
  const parts = await Promise.all(
    [broker.key, broker.certificate, authority].map((one) => readFile(one, 'utf8')),
  );
  await writeFile(file('server.pem'), parts.join(''));
  return { authority, server: file('server.pem'), client: client.certificate, clientKey: client.key };
}

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes', '-keyout'];

function subject(name: string): string[] {
  return ['-subj', `/CN=${name}`];
}

async function openssl(...args: readonly string[]): Promise<void> {
  await runCommand('openssl', [...args]);
}

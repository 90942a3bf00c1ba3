import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alterUserScramCredentialsV0 } from '@platformatic/kafka';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { freePort } from '../../stack/native/free-port.ts';
import { startKafka } from '../../stack/native/kafka.ts';
import { makeCertificates } from './certificates.ts';

export const USER = 'alice';
export const PASSWORD = 'correct horse, battery staple';

export interface SecuredBroker {
  /** What listens where, as `host:port`. */
  readonly plaintext: string;
  readonly tls: string;
  /** Asks clients for their certificate. */
  readonly mutualTls: string;
  readonly sasl: string;
  readonly saslTls: string;
  /** PEM texts. */
  readonly authority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  stop(): Promise<void>;
}

/** A broker that is reached in every way that clients have, by one user with one password. */
export async function startSecuredBroker(folder: string): Promise<SecuredBroker> {
  await mkdir(folder, { recursive: true });
  const [certificates, ports] = [await makeCertificates(folder), await freePorts()];
  const service = await startKafka(join(folder, 'broker'), {
    port: ports.plaintext,
    settings: securitySettings(ports, certificates),
  });
  const at = (port: number): string => `127.0.0.1:${port}`;
  try {
    await addScramUser(at(ports.plaintext));
  } catch (error) {
    await service.stop();
    throw error;
  }
  return {
    plaintext: at(ports.plaintext),
    tls: at(ports.tls),
    mutualTls: at(ports.mutualTls),
    sasl: at(ports.sasl),
    saslTls: at(ports.saslTls),
    authority: await readFile(certificates.authority, 'utf8'),
    clientCertificate: await readFile(certificates.client, 'utf8'),
    clientKey: await readFile(certificates.clientKey, 'utf8'),
    stop: () => service.stop(),
  };
}

type Ports = Readonly<Record<'plaintext' | 'tls' | 'mutualTls' | 'sasl' | 'saslTls' | 'controller', number>>;

async function freePorts(): Promise<Ports> {
  return {
    ...{ plaintext: await freePort(), tls: await freePort(), mutualTls: await freePort() },
    ...{ sasl: await freePort(), saslTls: await freePort(), controller: await freePort() },
  };
}

function securitySettings(
  ports: Ports,
  files: { readonly authority: string; readonly server: string },
): Record<string, string> {
  const listeners = [
    `PLAINTEXT://127.0.0.1:${ports.plaintext}`,
    `SSL://127.0.0.1:${ports.tls}`,
    `MUTUAL://127.0.0.1:${ports.mutualTls}`,
    `SASL_PLAINTEXT://127.0.0.1:${ports.sasl}`,
    `SASL_SSL://127.0.0.1:${ports.saslTls}`,
  ].join(',');
  const settings: Record<string, string> = {
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `${listeners},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,MUTUAL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': files.server,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.authority,
    'listener.name.mutual.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  };
  const loginModules = {
    plain: `plain.PlainLoginModule required user_${USER}="${PASSWORD}"`,
    'scram-sha-256': 'scram.ScramLoginModule required',
    'scram-sha-512': 'scram.ScramLoginModule required',
  };
  for (const listener of ['sasl_plaintext', 'sasl_ssl']) {
    for (const [mechanism, loginModule] of Object.entries(loginModules)) {
      settings[`listener.name.${listener}.${mechanism}.sasl.jaas.config`] =
        `org.apache.kafka.common.security.${loginModule};`;
    }
  }
  return settings;
}

/** SCRAM's passwords are kept by the cluster, salted. */
async function addScramUser(broker: string): Promise<void> {
  const requests = new BrokerRequests({ brokers: [broker], clientId: 'test' });
  const iterations = 4096;
  const upsertion = (mechanism: number, digest: string, bytes: number): object => {
    const salt = randomBytes(16);
    return {
      name: USER,
      mechanism,
      iterations,
      salt,
      saltedPassword: pbkdf2Sync(PASSWORD, salt, iterations, bytes, digest),
    };
  };
  for (const one of [upsertion(1, 'sha256', 32), upsertion(2, 'sha512', 64)]) {
    await requests.any(alterUserScramCredentialsV0.api, [], [one] as never);
  }
  await requests.close();
}

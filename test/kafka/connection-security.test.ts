import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaRefusedError } from '@incident-streams/streams/kafka';
import type { KafkaSaslOptions, KafkaTlsOptions } from '../../connectors/kafka/index.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectKafka, KafkaUnavailableError } from '../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { removeFolder } from '../services/run-folder.ts';
import { ReaderProbe } from './reader-probe.ts';
import { PASSWORD, startSecuredBroker, USER } from './secured-broker.ts';
import type { SecuredBroker } from './secured-broker.ts';

interface Security {
  readonly tls?: KafkaTlsOptions;
  readonly sasl?: KafkaSaslOptions;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

await describeWith(['kafka'], 'a broker that is reached', () => {
  let broker: SecuredBroker;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secured-broker-'));
    broker = await startSecuredBroker(folder);
    return async () => {
      await broker.stop();
      await removeFolder(folder);
    };
  });

  /** Writes a record and reads it, by way of every kind of request that a connection carries. */
  async function roundTrip(address: string, security: Security): Promise<readonly string[]> {
    const cluster = connectKafka({
      brokers: [address],
      clientId: 'security',
      giveUpAfterMs: 3_000,
      ...security,
    });
    try {
      const place = { topic: uniqueName('secured'), partition: 0 };
      await cluster.admin.createTopics([{ name: place.topic, partitions: 1, configs: {} }]);
      const producer = await cluster.producer();
      const record = { ...place, timestamp: Date.now(), key: null, value: Buffer.from('value'), headers: [] };
      await producer.send([record]);
      await producer.close();
      const probe = new ReaderProbe(cluster);
      probe.read(place, 0);
      await probe.untilRecords(1);
      return probe.values;
    } finally {
      await cluster.close();
    }
  }

  /** How it is refused, which has to be soon: nothing is tried again. */
  async function refusal(address: string, security: Security): Promise<Error> {
    const startedMs = performance.now();
    const refused = await roundTrip(address, security).then(
      () => new Error('was let in'),
      (error: unknown) => error as Error,
    );
    expect(refused).toBeInstanceOf(KafkaRefusedError);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    return refused;
  }

  describe('over TLS', () => {
    test('is reached by who trusts its authority', async () => {
      expect(await roundTrip(broker.tls, { tls: { ca: broker.authority } })).toEqual(['value']);
    });

    test('is reached by who shows it a certificate, where it asks for one', async () => {
      const { clientCertificate: cert, clientKey: key, authority: ca } = broker;
      expect(await roundTrip(broker.mutualTls, { tls: { ca, cert, key } })).toEqual(['value']);
    });

    test('is not spoken to by who does not trust its authority', async () => {
      expect((await refusal(broker.tls, { tls: {} })).message).toMatch(/self.signed certificate/);
    });

    test('is not spoken to under a name that its certificate does not have', async () => {
      const tls = { ca: broker.authority, servername: 'elsewhere.example' };
      expect((await refusal(broker.tls, { tls })).message).toContain('elsewhere.example');
    });

    test('refuses who has no certificate, where it asks for one', async () => {
      const { message } = await refusal(broker.mutualTls, { tls: { ca: broker.authority } });
      expect(message).toMatch(/certificate.required|bad.certificate/i);
    });

    test('says so to who does not', async () => {
      expect((await refusal(broker.tls, {})).message).toContain('Broker requires TLS');
    });
  });

  describe.each(MECHANISMS)('with %s', (mechanism) => {
    const sasl = { mechanism, username: USER, password: PASSWORD };

    test('lets in who knows the password', async () => {
      expect(await roundTrip(broker.sasl, { sasl })).toEqual(['value']);
    });

    test('lets in who knows the password, over TLS', async () => {
      expect(await roundTrip(broker.saslTls, { sasl, tls: { ca: broker.authority } })).toEqual(['value']);
    });

    test('refuses a wrong password at once, and says that it is the password', async () => {
      const { message } = await refusal(broker.sasl, { sasl: { ...sasl, password: 'wrong' } });
      expect(message).toMatch(/^creating topic secured-.*: SASL_AUTHENTICATION_FAILED: .*(invalid|Invalid)/);
      expect(message).not.toContain('wrong');
    });

    test('tells a reader of a wrong password, while it goes on trying', async () => {
      const wrong = { ...sasl, password: 'wrong' };
      const cluster = connectKafka({ brokers: [broker.sasl], clientId: 'security', sasl: wrong });
      const reader = cluster.reader({ onArrival: () => undefined });
      reader.read({ topic: 'any', partition: 0 }, 0);
      await expect
        .poll(() => reader.failure(), { timeout: 50_000 })
        .toContain('any[0]: SASL_AUTHENTICATION_FAILED');
      await cluster.close();
    });
  });

  test('and expects a password, gives none up to who brings none', async () => {
    const error = await roundTrip(broker.sasl, {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KafkaUnavailableError);
  });
});

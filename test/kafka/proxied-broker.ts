import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../stack/native/free-port.ts';
import { startKafka } from '../services/native/kafka.ts';
import { KafkaProxy } from './kafka-proxy.ts';

export interface ProxiedBroker {
  /** The proxy's address, which is also the one that the broker tells its clients. */
  readonly url: string;
  readonly proxy: KafkaProxy;
  stop(this: void): Promise<void>;
}

/** A broker of one's own that clients reach through a proxy only. */
export async function startProxiedBroker(): Promise<ProxiedBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-proxied-'));
  const [brokerPort, proxyPort] = [await freePort(), await freePort()];
  const proxy = new KafkaProxy(brokerPort);
  await proxy.listen(proxyPort);
  const url = `127.0.0.1:${proxyPort}`;
  const settings = { 'advertised.listeners': `PLAINTEXT://${url}` };
  const broker = await startKafka(folder, { port: brokerPort, settings });
  const stop = async (): Promise<void> => {
    proxy.close();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, proxy, stop };
}

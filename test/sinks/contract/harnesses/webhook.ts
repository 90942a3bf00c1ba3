import { createWebhookSink } from '../../../../connectors/webhook/index.ts';
import type { Alert } from '../../../../schemas/alert.ts';
import type { IncidentTransition } from '../../../../schemas/generated/IncidentTransition.ts';
import { startReceiver } from '../../../webhook/receiver.ts';
import { SECRET, TOPIC, opened } from '../../../webhook/sink-under-test.ts';
import { startGate } from '../gate.ts';
import type { SinkHarness } from '../sink-harness.ts';

const RECORDS = opened(20);

/** A target that does what receivers are told to do: it keeps the ids, and takes each alert once. */
export const webhookHarness: SinkHarness<string, IncidentTransition> = {
  topic: TOPIC,
  marks: false,
  tellsOnly: true,
  can: { tell: true, goAway: true, crash: false, lose: false },
  record(n) {
    const { key, value } = RECORDS[n] ?? {};
    if (key === undefined || value === undefined || value === null)
      throw new Error(`there is no record ${n}`);
    return { key, value };
  },
  async start() {
    const receiver = await startReceiver();
    const gate = await startGate({ host: '127.0.0.1', port: Number(new URL(receiver.url).port) });
    /** Nothing in a request says which topic it comes from, so each connector posts to a path of its own. */
    const epochs: number[] = [];
    const taken = (epoch?: number): Alert[] => {
      const requests = receiver.requests.filter(
        ({ path }) => epoch === undefined || epochs[Number(path.slice(1))] === epoch,
      );
      const byId = new Map(requests.map(({ alert }) => [alert.id, alert]));
      return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    return {
      connector({ impatient }) {
        const at = epochs.push(Number.NaN) - 1;
        const sink = createWebhookSink({
          name: 'contract',
          url: `http://${gate.host}:${gate.port}/${at}`,
          secrets: [SECRET],
          allowedNetworks: ['127.0.0.1/32'],
          allowPlainHttp: true,
          firstBackoffMs: 10,
          maxAttempts: 1_000_000,
          ...(impatient ? { headersTimeoutMs: 500 } : {}),
        });
        const open = sink.open.bind(sink);
        return Object.assign(sink, {
          open(source: Parameters<typeof open>[0]) {
            epochs[at] = source.topicEpoch;
            return open(source);
          },
        });
      },
      content: ({ topicEpoch }) => Promise.resolve(taken(topicEpoch)),
      told: () => Promise.resolve(taken()),
      goAway: (how) => gate.shut(how),
      comeBack: () => gate.open(),
      [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
    };
  },
};

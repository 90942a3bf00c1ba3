import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '../../topology/topics.ts';
import type { ProcessBase } from './process-parts.ts';

const INTERVAL_MS = 5_000;
const MAX_ANSWER_MS = 4_000;
const PART = 'kafka';

/** Asks the brokers now and then, so that `/readyz` says so when they are away. Returns how to stop it. */
export function probeKafka({ cluster, config, parts, log }: ProcessBase): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const place = { topic: config.topics.prefix + TOPICS.inbox, partition: 0 };
  void (async () => {
    let wasThere = true;
    while (!signal.aborted) {
      const reason = await whyNot(cluster.admin.offsetRange(place));
      if (signal.aborted) return;
      parts.set(PART, reason === null ? 'ready' : 'failed', reason);
      if (wasThere !== (reason === null))
        log[wasThere ? 'warn' : 'info'](
          { reason },
          wasThere ? 'Kafka does not answer' : 'Kafka answers again',
        );
      wasThere = reason === null;
      await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return () => stopping.abort();
}

/** Why there is no answer, null where there is one. The client itself would go on trying for a minute. */
async function whyNot(question: Promise<unknown>): Promise<string | null> {
  const limit = new AbortController();
  const late = sleep(MAX_ANSWER_MS, undefined, { signal: limit.signal });
  late.catch(() => undefined);
  try {
    const answer = await Promise.race([question, late]);
    return answer === undefined ? `no answer within ${MAX_ANSWER_MS} ms` : null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    limit.abort();
    question.catch(() => undefined);
  }
}

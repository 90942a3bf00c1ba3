import { expect, test } from 'vitest';
import { createIncidentReader } from '../../cli/run/api/redis-incidents.ts';
import { createRedisIncidentReader } from '../../connectors/redis/index.ts';

test('a question to a Redis that is away is answered with 503, whatever it is', async () => {
  const redis = createRedisIncidentReader({ url: 'redis://127.0.0.1:1', timeoutMs: 200 });
  const reader = createIncidentReader({ redis, ruleSet: { rules: [] }, timeline: undefined });
  const questions = [() => reader.incident('one'), () => reader.list({ limit: 10 }), () => reader.services()];
  for (const question of await Promise.allSettled(questions.map(async (ask) => ask()))) {
    expect(question).toMatchObject({
      status: 'rejected',
      reason: { code: 'CLI_STATE_UNAVAILABLE', status: 503 },
    });
  }
  redis.close();
});

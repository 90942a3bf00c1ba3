import { describeWith } from '../services/describe-with.ts';
import { redisHarness } from './contract/harnesses/redis.ts';
import { describeSinkContract } from './contract/sink-contract.ts';

await describeWith(['redis'], 'Redis', ({ redis }) =>
  describeSinkContract('the sink of transitions in Redis', redisHarness(redis)),
);

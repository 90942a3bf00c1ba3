import { expect, it } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { KafkaSinkPlace, kafkaSinkHost } from '../streams/kafka/sinks/kafka-sink-place.ts';
import { PATIENTLY, testRebuild } from './rebuild-cases.ts';
import { Lives, PARTITIONS, RebuildPlace, transitionsToRedis } from './rebuild-place.ts';

await describeWith(['kafka', 'redis'], 'Redis, fed from Kafka', ({ kafka }) => {
  testRebuild(kafkaSinkHost(kafka));

  it(
    'emptied when the beginning of the transitions is gone, it has the old incidents all the same',
    PATIENTLY,
    async () => {
      await using redis = await RebuildPlace.make();
      await using place = await KafkaSinkPlace.make(kafka, PARTITIONS, transitionsToRedis());
      const lives = new Lives((records) => place.produce(records));
      await lives.tell(900);
      await place.run(
        redis.sink(),
        async () => {
          await redis.holdsAll(lives);
          for (let partition = 0; partition < PARTITIONS; partition++)
            await place.cluster.admin.deleteRecords({ topic: place.topic, partition }, 895);
          await redis.client.flushall();
          await redis.holdsAll(lives, 895);
          expect(await redis.client.hget('incidents:{p0}:incident:p0-old', 'status')).toBe('OPEN');
        },
        { markCheckMs: 50 },
      );
    },
  );
});

import { expect, it } from 'vitest';
import { rebuildRedis } from '../../connectors/redis/index.ts';
import type { RedisRebuildResult } from '../../connectors/redis/index.ts';
import type { SinkHost } from '../streams/sinks/sink-host.ts';
import { Lives, PARTITIONS, RebuildPlace, transitionsToRedis } from './rebuild-place.ts';

const OFTEN = { markCheckMs: 50 };
/** For machines that have much else to do. */
export const PATIENTLY = { timeout: 240_000 };

/** What becomes of Redis' content, on whatever runtime feeds it. */
export function testRebuild(host: SinkHost): void {
  it(
    'a Redis that is emptied while nothing happens is filled again, and nobody is told',
    PATIENTLY,
    async () => {
      await using redis = await RebuildPlace.make();
      await using place = await host.place(PARTITIONS, transitionsToRedis());
      const lives = new Lives((records) => place.produce(records));
      await lives.tell(900);
      const run = place.run(
        redis.sink(),
        async () => {
          await redis.holdsAll(lives);
          await redis.client.flushall();
          await redis.holdsAll(lives);
        },
        OFTEN,
      );
      await run;
    },
  );

  it(
    'rebuilt on demand while events come: all is there, each alert was published once',
    PATIENTLY,
    async () => {
      await using redis = await RebuildPlace.make();
      await using place = await host.place(PARTITIONS, transitionsToRedis());
      const early = new Lives((records) => place.produce(records));
      await early.tell(900);
      await place.run(
        redis.sink(),
        async (sinks) => {
          await redis.holdsAll(early);
          await redis.client.zadd('incidents:{p0}:open', 1, 'nobody');
          const lives = early.through((records) => sinks.produce(records));
          let result: RedisRebuildResult | undefined;
          const asked = rebuildRedis({ url: redis.url }).then((rebuilt) => (result = rebuilt));
          while (result === undefined && !lives.isOver) await lives.tell(20);
          expect(await asked).toMatchObject({ outcome: 'rebuilt' });
          await redis.holdsAll(lives);
          expect(await redis.client.hget('incidents:{p0}:applied', 'rebuildTo')).toBeNull();
        },
        OFTEN,
      );
    },
  );

  it('asked for while no sink runs, it is said so, and done when one starts', PATIENTLY, async () => {
    await using redis = await RebuildPlace.make();
    await using place = await host.place(PARTITIONS, transitionsToRedis());
    const lives = new Lives((records) => place.produce(records));
    await lives.tell(300);
    await place.run(redis.sink(), () => redis.holdsAll(lives));
    await redis.client.zadd('incidents:{p1}:open', 1, 'nobody');
    const { outcome, partitions } = await rebuildRedis({ url: redis.url, partition: 1, waitMs: 500 });
    expect(outcome).toBe('unattended');
    expect(partitions).toEqual([{ partition: 1, applied: -1, target: 299, snapshotSaved: undefined }]);
    expect(await redis.client.zcard('incidents:{p1}:open')).toBeGreaterThan(1);
    await place.run(redis.sink(), () => redis.holdsAll(lives));
  });
}

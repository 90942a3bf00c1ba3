import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { embeddedSinkHost } from '../streams/sinks/embedded-sink-host.ts';
import { PATIENTLY } from './rebuild-cases.ts';
import { Lives, PARTITIONS, RebuildPlace, transitionsToRedis } from './rebuild-place.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command, in an environment that says nothing of Redis but what is given. */
function rebuild(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise<Outcome>((resolve) => {
    execFile(process.execPath, [MAIN, 'redis', 'rebuild', ...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

await describeWithPrograms(['redis-server'], 'incidents redis rebuild', () => {
  test('with a running sink it says how it goes, and exits with 0 when all is there', PATIENTLY, async () => {
    await using redis = await RebuildPlace.make();
    await using place = await embeddedSinkHost.place(PARTITIONS, transitionsToRedis());
    const lives = new Lives((records) => place.produce(records));
    await lives.tell(300);
    await place.run(
      redis.sink(),
      async () => {
        await redis.holdsAll(lives);
        const { exitCode, stdout } = await rebuild(['--timeout', '120'], { REDIS_URL: redis.url });
        expect(stdout.split('\n')).toEqual(
          expect.arrayContaining([
            'partition 0: done, up to offset 299',
            'partition 1: done, up to offset 299',
          ]),
        );
        expect(exitCode).toBe(0);
        await redis.holdsAll(lives);
      },
      { markCheckMs: 200 },
    );
  });

  test('without one it says so and exits with 1', PATIENTLY, async () => {
    await using redis = await RebuildPlace.make();
    await using place = await embeddedSinkHost.place(PARTITIONS, transitionsToRedis());
    const lives = new Lives((records) => place.produce(records));
    await lives.tell(10);
    await place.run(redis.sink(), () => redis.holdsAll(lives));
    const { exitCode, stdout } = await rebuild(['--url', redis.url, '--timeout', '1', '--partition', '1']);
    expect(stdout).toMatch(
      /^partition 1: asked for\nno sink is working on it: .* when one starts\nincidents:meta belongs to out first seen at 20.*\n$/,
    );
    expect(exitCode).toBe(1);
  });

  test(
    'where the sink that runs is refused, it says whose the keys are and where to look',
    PATIENTLY,
    async () => {
      await using redis = await RebuildPlace.make();
      const sink = createRedisTransitionsSink({ url: redis.url, pipeline: 'incidents' });
      await sink.open(SOURCE);
      await sink.write(batchOf(recordsOf([{ incident: 'a', type: 'OPENED' }])));
      await sink.close();
      const refused = createRedisTransitionsSink({ url: redis.url, pipeline: 'other' });
      await expect(refused.open(SOURCE)).rejects.toMatchObject({ code: 'REDIS_OTHER_PIPELINE' });
      await refused.close();
      const { exitCode, stdout } = await rebuild(['--url', redis.url, '--timeout', '1']);
      expect(stdout).toContain(
        `incidents:meta belongs to the pipeline "incidents", ${SOURCE.topic} first seen at 2023-11-14T22:13:20.000Z (epoch ${EPOCH}): ` +
          'a sink of any other is refused, and does nothing here. See /readyz of the process that runs the sinks',
      );
      expect(exitCode).toBe(1);
    },
  );

  test.each([
    ['no Redis named', [], 'CLI_USAGE: Which Redis?'],
    ['no whole seconds', ['--url', 'redis://127.0.0.1:1', '--timeout', 'soon'], 'CLI_USAGE: --timeout soon'],
  ])('%s: exits with 1 and says what is wrong', PATIENTLY, async (_what, args, message) => {
    const { exitCode, stderr } = await rebuild(args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });

  test('nothing under the prefix: exits with 1 and says which key is not there', PATIENTLY, async () => {
    await using redis = await RebuildPlace.make();
    const { exitCode, stderr } = await rebuild(['--prefix', 'nobody:'], { INCIDENTS_REDIS_URL: redis.url });
    expect(stderr).toContain('REDIS_USAGE: nobody:incidents:meta');
    expect(exitCode).toBe(1);
  });
});

import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { embeddedSinkHost } from '../streams/sinks/embedded-sink-host.ts';
import { testRebuild } from './rebuild-cases.ts';

await describeWithPrograms(['redis-server'], 'Redis, fed by the embedded runtime', () => {
  testRebuild(embeddedSinkHost);
});

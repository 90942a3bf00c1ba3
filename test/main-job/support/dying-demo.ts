import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import type { AnySinkConnector, CommitStep, Produced } from '@incident-streams/streams/embedded';
import type { OutgoingRecord, SinkBatch } from '@incident-streams/streams';
import { parseDemoOptions } from '../../../cli/demo/demo-options.ts';
import { runDemo } from '../../../cli/demo/run-demo.ts';
import type { DemoHooks } from '../../../cli/demo/run-demo.ts';
import type { Strike } from './strike.ts';

// The demo as it is, but for the moment given as an argument: there it is gone, without a word.

const { options, strike } = JSON.parse(process.argv[2] ?? '') as { options: unknown; strike: Strike };

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function dieInCommit(step: CommitStep, n: number): DemoHooks {
  let passed = 0;
  return {
    onCommitStep: (current) => {
      if (current === step && ++passed === n) die();
    },
  };
}

function dieInSink(name: string, moment: 'before-write' | 'written', n: number): void {
  const open = EmbeddedRuntime.open.bind(EmbeddedRuntime);
  EmbeddedRuntime.open = (given) => {
    const connector = given.sinks?.[name];
    if (connector === undefined) throw new Error(`there is no sink ${name}`);
    let written = 0;
    const dying: AnySinkConnector = {
      open: (source) => connector.open(source),
      appliedOffset: (partition) => connector.appliedOffset(partition),
      close: () => connector.close(),
      write: async (batch: SinkBatch<unknown, unknown>) => {
        const last = ++written === n;
        if (last && moment === 'before-write') die();
        await connector.write(batch);
        if (last) die();
      },
    };
    // Alone, so that what the others do cannot end the run first: they get theirs at a later start.
    return open({ ...given, sinks: { [name]: dying } });
  };
}

function dieAtFinalTick(moment: 'before' | 'after'): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the runtime it belongs to
  const produce = EmbeddedRuntime.prototype.produce;
  EmbeddedRuntime.prototype.produce = function (
    this: EmbeddedRuntime,
    records: readonly OutgoingRecord[],
    position?: { readonly producer: string; readonly value: number },
  ): Produced[] {
    const isFinal = records.some(
      ({ value }) => value !== null && Buffer.from(value).includes('end-of-replay'),
    );
    if (isFinal && moment === 'before') die();
    const places = produce.call(this, records, position);
    if (isFinal) die();
    return places;
  };
}

if (strike.at === 'sink') dieInSink(strike.sink, strike.moment, strike.n);
if (strike.at === 'final-tick') dieAtFinalTick(strike.moment);
await runDemo(parseDemoOptions(options), strike.at === 'commit' ? dieInCommit(strike.step, strike.n) : {});

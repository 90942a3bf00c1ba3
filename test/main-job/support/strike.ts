import { fileURLToPath } from 'node:url';
import type { DemoOptions } from '../../../cli/demo/demo-options.ts';
import type { CommitStep } from '@incident-streams/streams/embedded';

/** The moment at which a demo kills itself: the `n`-th time (from 1) that it comes by. */
export type Strike =
  | { readonly at: 'commit'; readonly step: CommitStep; readonly n: number }
  | {
      readonly at: 'sink';
      readonly sink: string;
      /** `written`: the outside system has the effect, and nobody has noted it. */
      readonly moment: 'before-write' | 'written';
      readonly n: number;
    }
  | { readonly at: 'final-tick'; readonly moment: 'before' | 'after' };

const PROGRAM = fileURLToPath(new URL('./dying-demo.ts', import.meta.url));

/** Arguments for Node: a demo with these options that dies of SIGKILL at the given moment. */
export function dyingDemo(options: Partial<DemoOptions>, strike: Strike): string[] {
  return [PROGRAM, JSON.stringify({ options, strike })];
}

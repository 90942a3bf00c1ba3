import type { StreamCase } from '../stream-case.ts';
import { aggregationCases } from './aggregations.ts';
import { deadLetterCases } from './dead-letters.ts';
import { dedupeCases } from './dedupe.ts';
import { nullCases } from './nulls.ts';
import { processorCases } from './processors.ts';
import { repartitionCases } from './repartition.ts';
import { statelessCases } from './stateless.ts';
import { twoSourceCases } from './two-sources.ts';
import { windowCases } from './windows.ts';

export const allCases: readonly StreamCase[] = [
  ...statelessCases,
  ...nullCases,
  ...repartitionCases,
  ...aggregationCases,
  ...windowCases,
  ...dedupeCases,
  ...processorCases,
  ...twoSourceCases,
  ...deadLetterCases,
];

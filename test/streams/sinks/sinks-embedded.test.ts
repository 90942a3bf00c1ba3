import { describe } from 'vitest';
import { embeddedSinkHost } from './embedded-sink-host.ts';
import { testSinks } from './sink-cases.ts';

describe('a sink on the embedded runtime', () => testSinks(embeddedSinkHost));

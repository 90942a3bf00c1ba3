import { describe } from 'vitest';
import { testDeadLetters } from './dead-letter-cases.ts';
import { testSinkEvents } from './event-cases.ts';
import { embeddedSinkHost } from './embedded-sink-host.ts';
import { testSinks } from './sink-cases.ts';
import { testSnapshots } from './snapshot-cases.ts';

describe('a sink on the embedded runtime', () => testSinks(embeddedSinkHost));
describe('an outside system on the embedded runtime', () => testSnapshots(embeddedSinkHost));
describe('a sink of the embedded runtime that gives up', () => testDeadLetters(embeddedSinkHost));
describe('what a sink of the embedded runtime tells', () => testSinkEvents(embeddedSinkHost));

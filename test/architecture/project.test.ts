import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { checkCycles } from './rules/cycles.ts';
import { checkDependencies } from './rules/dependencies.ts';
import type { Manifest } from './rules/dependencies.ts';
import { checkErrorCodes } from './rules/error-codes.ts';
import { checkErrorDocs } from './rules/error-docs.ts';
import { checkEscapes } from './rules/escapes.ts';
import { checkExports } from './rules/exports.ts';
import { checkFileSize } from './rules/file-size.ts';
import { checkForbiddenWords } from './rules/forbidden-words.ts';
import { checkLayers } from './rules/layers.ts';
import { checkParses } from './rules/parses.ts';
import { checkPurity } from './rules/purity.ts';
import { loadProject } from './source.ts';
import type { SourceFile } from './source.ts';
import { formatViolation } from './violation.ts';
import type { Violation } from './violation.ts';

const sources = loadProject(resolve(import.meta.dirname, '../..'));
const manifest = JSON.parse(sources.find(({ path }) => path === 'package.json')?.text ?? '{}') as Manifest;

const RULES: Readonly<Record<string, (sources: readonly SourceFile[]) => Violation[]>> = {
  'every source parses': checkParses,
  'everyone imports only inner layers': checkLayers,
  'no file imports itself through others': checkCycles,
  'the core and the topology know no clock, chance, timer or outside': checkPurity,
  'everything exported has a name': checkExports,
  'no file is longer than 400 lines': checkFileSize,
  'type checks and lint rules are switched off only with a reason': checkEscapes,
  'shipped code leans only on run-time dependencies': (files) => checkDependencies(files, manifest),
  'every error has a code of its own': checkErrorCodes,
  'docs/errors.md explains exactly the codes that exist': checkErrorDocs,
  'no file names a particular machine or registry host': checkForbiddenWords,
};

test('the project is there to be checked', () => {
  expect(sources.filter(({ tree }) => tree !== null).length).toBeGreaterThan(10);
});

test.each(Object.entries(RULES))('%s', (_name, rule) => {
  expect(rule(sources).map(formatViolation)).toEqual([]);
});

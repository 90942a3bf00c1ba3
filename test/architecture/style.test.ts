import { describe, expect, test } from 'vitest';
import { checkDependencies } from './rules/dependencies.ts';
import { checkEscapes } from './rules/escapes.ts';
import { checkExports } from './rules/exports.ts';
import { checkFileSize } from './rules/file-size.ts';
import { checkForbiddenWords } from './rules/forbidden-words.ts';
import { checkParses } from './rules/parses.ts';
import { sourceOf } from './source.ts';
import { formatViolation } from './violation.ts';

describe('exports', () => {
  test.each([
    ["export * from './x.ts';"],
    ["export * as x from './x.ts';"],
    ['export default 1;'],
    ['export default function f(): void {}'],
    ['export default class {}'],
    ['const x = 1;\nexport { x as default };'],
  ])('%s is refused', (text) => {
    expect(checkExports([sourceOf('cli/a.ts', text)])).toHaveLength(1);
  });

  test("named exports pass, and the default export of a tool's configuration", () => {
    const named = sourceOf(
      'cli/a.ts',
      "export const x = 1;\nexport { y } from './y.ts';\nexport type { Z } from './z.ts';",
    );
    const config = sourceOf('eslint.config.ts', 'export default [];');
    expect(checkExports([named, config])).toEqual([]);
  });
});

describe('file size', () => {
  const lines = (count: number): string => 'f();\n'.repeat(count);

  test('400 lines pass, 401 do not', () => {
    expect(checkFileSize([sourceOf('cli/a.ts', lines(400))])).toEqual([]);
    expect(checkFileSize([sourceOf('cli/a.ts', lines(401))])).toHaveLength(1);
    expect(checkFileSize([sourceOf('connectors/redis/a.lua', lines(401))])).toHaveLength(1);
  });

  test('what a generator wrote may be longer', () => {
    expect(checkFileSize([sourceOf('schemas/generated/A.ts', lines(401))])).toEqual([]);
  });
});

describe('escapes', () => {
  test.each([
    ['const x: any = 1;', 1],
    ['function f(...args: any[]): void {}', 1],
    ['const x = y as unknown as Map<string, any>;', 1],
    ['\n// @ts-ignore\nf();', 2],
    ['// @ts-expect-error: why\nf();', 1],
    ['// eslint-disable-next-line no-console\nf();', 1],
    ['/* eslint-disable */\nf();', 1],
    ['f(); // eslint-disable-line no-console -- no', 1],
  ])('%s is refused', (text, line) => {
    expect(checkEscapes([sourceOf('cli/a.ts', text)])).toMatchObject([{ line }]);
  });

  test.each([
    ["const text = '// @ts-ignore';"],
    ['const text = `\n// eslint-disable-next-line\n`;'],
    ['const any = 1;'],
    ['// @ts-expect-error the package declares no types for this option\nf();'],
    ['// eslint-disable-next-line no-console -- the banner belongs on standard output\nf();'],
    [
      '// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the package hands out any here\nlet x: any;',
    ],
  ])('%s is fine', (text) => {
    expect(checkEscapes([sourceOf('cli/a.ts', text)])).toEqual([]);
  });
});

describe('dependencies', () => {
  const manifest = {
    dependencies: { zod: '1' },
    optionalDependencies: { chdb: '1' },
    devDependencies: { vitest: '1' },
  };
  const check = (path: string, text: string): string[] =>
    checkDependencies([sourceOf(path, text)], manifest).map(({ what }) => what);

  test('shipped code may use run-time dependencies, optional ones among them', () => {
    expect(check('cli/a.ts', "import 'zod';\nimport 'chdb/connection';\nimport 'node:fs';")).toEqual([]);
  });

  test('shipped code may not use what is only there for development, but for its types', () => {
    expect(check('cli/a.ts', "import { test } from 'vitest';")).toHaveLength(1);
    expect(check('cli/a.ts', "import type { Test } from 'vitest';")).toEqual([]);
  });

  test('tests may, yet nobody uses what is declared nowhere', () => {
    expect(check('test/a.test.ts', "import { test } from 'vitest';")).toEqual([]);
    expect(check('test/a.test.ts', "import 'left-pad';")).toHaveLength(1);
  });

  test("Node's own modules are named as such", () => {
    expect(check('cli/a.ts', "import { join } from 'path';")).toHaveLength(1);
  });
});

describe('forbidden words', () => {
  const slash = '/';

  test.each([
    [`open('${slash}work/main/a.txt')`],
    [`${slash}root/.npmrc`],
    [`see ${slash}home/ann/notes.md`],
    [`"resolved": "https:${slash}${slash}registry.npmjs${'.'}org/x"`],
    [`https:${slash}${slash}repo1.maven${'.'}org/maven2`],
  ])('%s is refused', (text) => {
    expect(checkForbiddenWords([sourceOf('docs/a.md', `first line\n${text}`)])).toMatchObject([{ line: 2 }]);
  });

  test.each([
    ['framework/plugin.ts'],
    ['./work/notes'],
    ['the work/life balance'],
    ['https://www.npmjs.com/package/zod'],
  ])('%s is fine', (text) => {
    expect(checkForbiddenWords([sourceOf('docs/a.md', text)])).toEqual([]);
  });
});

describe('half-written files', () => {
  const broken = sourceOf(
    'cli/a.ts',
    "import { x } from './b.ts';\nfunction f( {\n  const y: any = `unclosed",
  );

  test('are reported with the line, and do not stop the other rules', () => {
    const reports = checkParses([broken]).map(formatViolation);
    expect(reports.length).toBeGreaterThan(0);
    expect(reports[0]).toMatch(/^cli\/a\.ts:\d+ does not parse: .+ Instead: /);
    expect(() => [checkExports([broken]), checkEscapes([broken]), checkFileSize([broken])]).not.toThrow();
  });

  test('a whole file parses', () => {
    expect(checkParses([sourceOf('cli/a.ts', 'export const x: number = 1;')])).toEqual([]);
  });
});

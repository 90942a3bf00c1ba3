import { expect, test } from 'vitest';
import { checkErrorCodes } from './rules/error-codes.ts';
import { ERROR_DOCS, checkErrorDocs } from './rules/error-docs.ts';
import { sourceOf } from './source.ts';
import type { SourceFile } from './source.ts';

const ROOT = sourceOf('streams/errors.ts', 'export abstract class CodedError extends Error {}');

function codes(text: string): string[] {
  return checkErrorCodes([ROOT, sourceOf('cli/errors.ts', text)]).map(({ what }) => what);
}

test('an error with a code of its own passes, also through an abstract class between', () => {
  const text = `
    abstract class CliError extends CodedError {}
    export class PortTaken extends CliError { readonly code = 'CLI_PORT_TAKEN'; }
    export class Other extends Error {}`;
  expect(codes(text)).toEqual([]);
});

test.each([
  ['class A extends CodedError {}', 'no literal code'],
  ['class A extends CodedError { readonly code = PREFIX + 1; }', 'no literal code'],
  ['class A extends CodedError { readonly code = `CLI_A`; }', 'no literal code'],
  ["class A extends CodedError { readonly code = 'oops'; }", 'no literal code'],
  ["class A extends B { readonly code = 'a'; }\nabstract class B extends CodedError {}", 'no literal code'],
  ["const A = class extends CodedError { readonly code = 'a'; };", 'no literal code'],
  [
    "class A extends CodedError { readonly code = 'CLI_A'; }\nclass B extends CodedError { readonly code = 'CLI_A'; }",
    'B has the code CLI_A, as A has',
  ],
])('%s is refused', (text, what) => {
  expect(codes(text)).toEqual([expect.stringContaining(what)]);
});

function withDocs(docs: string): SourceFile[] {
  const errors = "class PortTaken extends CodedError { readonly code = 'CLI_PORT_TAKEN'; }";
  return [ROOT, sourceOf('cli/errors.ts', errors), sourceOf(ERROR_DOCS, docs)];
}

const ROW = '| `CLI_PORT_TAKEN` | `PortTaken` | The port is in use. | Choose another. |';

test('a documented code passes', () => {
  expect(
    checkErrorDocs(
      withDocs(`# Errors\n\n| code | class | meaning | what to do |\n| --- | --- | --- | --- |\n${ROW}\n`),
    ),
  ).toEqual([]);
});

test.each([
  ['a code that is not documented', '', 'CLI_PORT_TAKEN (PortTaken) is not in docs/errors.md'],
  [
    'a documented code that does not exist',
    `${ROW}\n| \`CLI_GONE\` | \`Gone\` | a | b |`,
    'no error class has the code CLI_GONE',
  ],
  ['a wrong class', ROW.replace('`PortTaken`', '`PortFree`'), 'belongs to PortTaken, not PortFree'],
  ['a code explained twice', `${ROW}\n${ROW}`, 'is explained twice'],
  ['an empty meaning', ROW.replace('The port is in use.', ''), 'is not explained'],
  ['a missing remedy', ROW.replace('| Choose another. |', '|'), 'is not explained'],
])('%s is refused', (_name, docs, what) => {
  expect(checkErrorDocs(withDocs(docs)).map((violation) => violation.what)).toEqual([
    expect.stringContaining(what),
  ]);
});

import { isGenerated } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

const MAX_LINES = 400;
const CODE = /\.(ts|lua|sql|css|html|js)$/;

/** No file of code outgrows what one can keep in mind. */
export function checkFileSize(sources: readonly SourceFile[]): Violation[] {
  return sources
    .filter((source) => CODE.test(source.path) && !isGenerated(source.path))
    .map((source) => ({ file: source.path, lines: source.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => ({
      file,
      line: MAX_LINES + 1,
      what: `${lines} lines, more than ${MAX_LINES}`,
      instead: 'split it where the ideas part, one idea a file',
    }));
}

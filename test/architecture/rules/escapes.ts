import ts from 'typescript';
import { commentsOf } from '../comments.ts';
import { isGenerated, lineOf, walk } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

const TS_ESCAPE = /@ts-(ignore|expect-error|nocheck)\b(?<reason>.*)/;
const LINT_ESCAPE = /\beslint-disable(-next-line|-line)?\b(?<reason>.*)/s;

/** Who steps around the type checker or the linter says why, where it happens. */
export function checkEscapes(sources: readonly SourceFile[]): Violation[] {
  return sources.filter((source) => !isGenerated(source.path)).flatMap(checkFile);
}

function checkFile({ path, tree }: SourceFile): Violation[] {
  if (tree === null) return [];
  const violations: Violation[] = [];
  const explained = new Set<number>();
  for (const { text, line } of commentsOf(tree)) {
    const type = TS_ESCAPE.exec(text)?.groups?.['reason'];
    if (type !== undefined && !isReason(type)) {
      const instead = 'make the types fit, or write after it why they cannot';
      violations.push({ file: path, line, what: 'a type check is switched off without a reason', instead });
    }
    const lint = LINT_ESCAPE.exec(text)?.groups?.['reason'];
    if (lint === undefined) continue;
    if (isReason(lint.split('--')[1] ?? '')) explained.add(line).add(line + 1);
    else {
      const instead = 'do as the rule says, or write `-- ` and the reason after its name';
      violations.push({ file: path, line, what: 'a lint rule is switched off without a reason', instead });
    }
  }
  walk(tree, (node) => {
    if (node.kind !== ts.SyntaxKind.AnyKeyword || explained.has(lineOf(tree, node))) return;
    const instead = 'use unknown and narrow it, or a type parameter';
    violations.push({
      file: path,
      line: lineOf(tree, node),
      what: '`any` switches the type checker off',
      instead,
    });
  });
  return violations;
}

const MIN_REASON_LETTERS = 10;

function isReason(text: string): boolean {
  return text.replaceAll(/[^\p{L}]/gu, '').length >= MIN_REASON_LETTERS;
}

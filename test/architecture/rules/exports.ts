import ts from 'typescript';
import { lineOf, walk } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

/** Everything that is exported is exported by its name. Tools' configuration files must export a default: they may. */
export function checkExports(sources: readonly SourceFile[]): Violation[] {
  return sources.filter((source) => !source.path.endsWith('.config.ts')).flatMap(checkFile);
}

function checkFile({ path, tree }: SourceFile): Violation[] {
  if (tree === null) return [];
  const violations: Violation[] = [];
  walk(tree, (node) => {
    const line = lineOf(tree, node);
    if (
      ts.isExportDeclaration(node) &&
      (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))
    ) {
      violations.push({
        file: path,
        line,
        what: 'a star export makes everything public',
        instead: 'name each export',
      });
    }
    if (isDefaultExport(node)) {
      violations.push({
        file: path,
        line,
        what: 'a default export has no name of its own',
        instead: 'export by name',
      });
    }
  });
  return violations;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}

import ts from 'typescript';
import { lineAt } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

/** Every source parses. The other rules see what is left of a file that does not. */
export function checkParses(sources: readonly SourceFile[]): Violation[] {
  return sources.flatMap(({ path, text, tree }) => {
    if (tree === null) return [];
    const { diagnostics = [] } = ts.transpileModule(text, {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
    });
    return diagnostics.map((diagnostic) => ({
      file: path,
      line: lineAt(tree, diagnostic.start ?? 0),
      what: `does not parse: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`,
      instead: 'write valid TypeScript',
    }));
  });
}

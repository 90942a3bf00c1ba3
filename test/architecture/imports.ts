import { posix } from 'node:path';
import ts from 'typescript';
import { lineOf, walk } from './source.ts';
import type { SourceFile } from './source.ts';

/** One place where a file names another module. */
export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
  /** True where nothing is left of the import at run time. */
  readonly typeOnly: boolean;
}

const STREAMS_PACKAGE = '@incident-streams/streams';

/** What each public entry of the streams package stands for. */
const STREAMS_ENTRIES: ReadonlyMap<string, string> = new Map([
  [STREAMS_PACKAGE, 'streams/index.ts'],
  [`${STREAMS_PACKAGE}/embedded`, 'streams/runtime/embedded/index.ts'],
  [`${STREAMS_PACKAGE}/test-driver`, 'streams/runtime/test-driver/index.ts'],
  [`${STREAMS_PACKAGE}/kafka`, 'streams/runtime/kafka/index.ts'],
]);

/** Every import, re-export, `import()`, `import('…').T` and `require` of a file. */
export function importsOf(source: SourceFile): ImportSite[] {
  const { tree } = source;
  if (tree === null) return [];
  const sites: ImportSite[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      sites.push({ specifier: specifier.text, line: lineOf(tree, node), typeOnly });
    }
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isImportEqualsDeclaration(node)) {
      const reference = node.moduleReference;
      add(node, ts.isExternalModuleReference(reference) ? reference.expression : undefined, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && isImportCall(node)) {
      add(node, node.arguments[0], false);
    }
  });
  return sites;
}

function isImportCall(call: ts.CallExpression): boolean {
  const callee = call.expression;
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

/** Where an import leads: a file of this project, a module of Node, or a package. */
export type ImportTarget =
  | { readonly kind: 'file'; readonly path: string; readonly viaPackage: boolean }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string };

export function targetOf(from: string, specifier: string): ImportTarget {
  if (specifier.startsWith('.')) {
    return {
      kind: 'file',
      path: posix.normalize(posix.join(posix.dirname(from), specifier)),
      viaPackage: false,
    };
  }
  if (specifier.startsWith('node:')) return { kind: 'node', name: specifier };
  const name = packageName(specifier);
  if (name !== STREAMS_PACKAGE) return { kind: 'package', name };
  return { kind: 'file', path: STREAMS_ENTRIES.get(specifier) ?? specifier, viaPackage: true };
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

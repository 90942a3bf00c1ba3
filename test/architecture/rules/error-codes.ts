import ts from 'typescript';
import { lineOf, walk } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

/** A class of error that can be thrown, with its code as written; undefined where that is no plain string. */
export interface ErrorClass {
  readonly name: string;
  readonly code: string | undefined;
  readonly file: string;
  readonly line: number;
}

interface Declared extends ErrorClass {
  readonly base: string;
  readonly abstract: boolean;
}

const ROOT = 'CodedError';
const CODE_SHAPE = /^[A-Z]+(_[A-Z0-9]+)+$/;

/** Every class that descends from CodedError and can be instantiated. Tests may have error classes of their own. */
export function errorClassesOf(sources: readonly SourceFile[]): ErrorClass[] {
  const declared = sources.filter((source) => !source.path.startsWith('test/')).flatMap(classesOf);
  const family = new Set([ROOT]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { name, base } of declared) if (family.has(base)) family.add(name);
  }
  return declared.filter(({ name, base, abstract }) => name !== ROOT && family.has(base) && !abstract);
}

function classesOf({ path, tree }: SourceFile): Declared[] {
  if (tree === null) return [];
  const found: Declared[] = [];
  walk(tree, (node) => {
    if (!ts.isClassLike(node)) return;
    const base = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
      ?.types[0];
    if (base === undefined) return;
    found.push({
      name: node.name?.text ?? '(anonymous)',
      base: base.expression.getText(tree).replace(/^.*\./s, ''),
      abstract: node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AbstractKeyword) ?? false,
      code: literalCode(node),
      file: path,
      line: lineOf(tree, node),
    });
  });
  return found;
}

function literalCode(node: ts.ClassLikeDeclaration): string | undefined {
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || !ts.isIdentifier(member.name) || member.name.text !== 'code')
      continue;
    if (member.initializer !== undefined && ts.isStringLiteral(member.initializer))
      return member.initializer.text;
  }
  return undefined;
}

/** Each error class carries a code of its own, written out, in capitals: AREA_NAME. */
export function checkErrorCodes(sources: readonly SourceFile[]): Violation[] {
  const owners = new Map<string, string>();
  return errorClassesOf(sources).flatMap(({ name, code, file, line }) => {
    if (code === undefined || !CODE_SHAPE.test(code)) {
      const instead = "write readonly code = 'AREA_NAME', as a plain string";
      return [{ file, line, what: `${name} has no literal code of the form AREA_NAME`, instead }];
    }
    const owner = owners.get(code);
    owners.set(code, owner ?? name);
    if (owner === undefined) return [];
    return [
      {
        file,
        line,
        what: `${name} has the code ${code}, as ${owner} has`,
        instead: 'give it a code of its own',
      },
    ];
  });
}

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A file of the project as the rules see it. */
export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Null for what is not TypeScript. A file that does not parse has a tree all the same, with holes. */
  readonly tree: ts.SourceFile | null;
}

/** Builds a source from text: the rules' own tests write their bad examples with it. */
export function sourceOf(path: string, text: string): SourceFile {
  const tree = path.endsWith('.ts')
    ? ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.Latest }, true)
    : null;
  return { path, text, tree };
}

/** Every file that git tracks or would track. A file that vanishes while it is being read is left out. */
export function loadProject(root: string): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(listed.split('\0'))].filter((path) => path !== '').sort();
  return paths.flatMap((path) => {
    const text = readText(join(root, path));
    return text === null ? [] : [sourceOf(path, text)];
  });
}

const MAX_READ_BYTES = 4 * 1024 * 1024;

function readText(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MAX_READ_BYTES) return null;
  const text = readFileSync(path, 'utf8');
  return text.includes('\0') ? null : text;
}

/** The line of a node, counted from 1. */
export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return lineAt(tree, node.getStart(tree));
}

export function lineAt(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `visit` for the node and everything below it, in the order of the text. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Sources made by a generator: they are checked where they are generated, not for style. */
export function isGenerated(path: string): boolean {
  return path.includes('/generated/');
}

import ts from 'typescript';
import { lineAt } from './source.ts';

export interface Comment {
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** The comments of a file. What only looks like one, inside a string or a template, is not among them. */
export function commentsOf(tree: ts.SourceFile): Comment[] {
  const comments = new Map<number, Comment>();
  const add = (range: ts.CommentRange): void => {
    comments.set(range.pos, { text: tree.text.slice(range.pos, range.end), line: lineAt(tree, range.pos) });
  };
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(tree);
    if (children.length > 0) return children.forEach(visit);
    if (node.kind === ts.SyntaxKind.JsxText) return;
    ts.getLeadingCommentRanges(tree.text, node.getFullStart())?.forEach(add);
    ts.getTrailingCommentRanges(tree.text, node.getEnd())?.forEach(add);
  };
  visit(tree);
  return [...comments.values()];
}

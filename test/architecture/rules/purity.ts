import ts from 'typescript';
import { isGlobalUse } from '../scopes.ts';
import { lineOf, walk } from '../source.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';
import { zoneOf } from '../zones.ts';

const CLOCK = "take the time from the record, or from the clock that the task's ports hand in";
const TIMER = 'schedule a punctuation; the runtime decides when it fires';
const CHANCE =
  'derive the value from the record (a hash of its key and id), so that a replay finds the same one';
const OUTSIDE = 'hand it in from the runtime, a connector or the cli';
const LOCALE = 'compare with < and >, and format by hand: this depends on the language of the machine';

/** Globals through which the outside leaks in, and what to use in their place. */
const BANNED: ReadonlyMap<string, string> = new Map([
  ['Date', `${CLOCK}; new Date(ms).toISOString(), Date.UTC(…) and Date.parse(…) are fine`],
  ['performance', CLOCK],
  ['setTimeout', TIMER],
  ['setInterval', TIMER],
  ['setImmediate', TIMER],
  ['queueMicrotask', TIMER],
  ['crypto', CHANCE],
  ['process', OUTSIDE],
  ['globalThis', OUTSIDE],
  ['fetch', OUTSIDE],
  ['console', 'return what is worth telling, or count it in a metric'],
  ['require', OUTSIDE],
  ['Intl', LOCALE],
  ['WeakRef', 'keep what is needed: when garbage is collected is not reproducible'],
  ['FinalizationRegistry', 'close explicitly: when garbage is collected is not reproducible'],
]);

const BANNED_METHODS: ReadonlyMap<string, string> = new Map([
  ['localeCompare', LOCALE],
  ['toLocaleString', LOCALE],
  ['toLocaleDateString', LOCALE],
  ['toLocaleTimeString', LOCALE],
  ['toLocaleLowerCase', LOCALE],
  ['toLocaleUpperCase', LOCALE],
]);

/** In a pure zone the output follows from the input alone. (Modules that would let it out are the layers' business.) */
export function checkPurity(sources: readonly SourceFile[]): Violation[] {
  return sources.filter((source) => zoneOf(source.path)?.pure === true).flatMap(checkFile);
}

function checkFile({ path, tree }: SourceFile): Violation[] {
  if (tree === null) return [];
  const violations: Violation[] = [];
  const report = (node: ts.Node, name: string, instead: string): void => {
    violations.push({
      file: path,
      line: lineOf(tree, node),
      what: `${name} in code that must be reproducible`,
      instead,
    });
  };
  walk(tree, (node) => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      report(node, 'import.meta', OUTSIDE);
    if (!ts.isIdentifier(node)) return;
    const method = BANNED_METHODS.get(node.text);
    if (method !== undefined && isMethodName(node)) report(node, node.text, method);
    if (node.text === 'Math' && isGlobalUse(node) && memberOf(node) === 'random')
      report(node, 'Math.random', CHANCE);
    const global = BANNED.get(node.text);
    if (global !== undefined && isGlobalUse(node) && !isPureUseOfDate(node)) report(node, node.text, global);
  });
  return violations;
}

function isMethodName(node: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}

function memberOf(node: ts.Identifier): string | undefined {
  const { parent } = node;
  return ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : undefined;
}

/**
 * `Date.UTC(…)` and `new Date(ms).toISOString()` know no clock and no time zone; `Date.parse(…)` knows no clock (a
 * text without a zone would be read in the machine's, so it is for validated text only).
 */
function isPureUseOfDate(node: ts.Identifier): boolean {
  if (node.text !== 'Date') return false;
  if (memberOf(node) === 'UTC' || memberOf(node) === 'parse') return true;
  const creation = node.parent;
  if (!ts.isNewExpression(creation) || creation.arguments?.length !== 1) return false;
  return ts.isPropertyAccessExpression(creation.parent) && creation.parent.name.text === 'toISOString';
}

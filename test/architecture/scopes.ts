import ts from 'typescript';
import { walk } from './source.ts';

/** Whether an identifier is a use of the global of that name, and not a property, a type or something local. */
export function isGlobalUse(node: ts.Identifier): boolean {
  return isValueUse(node) && !isDeclaredAround(node);
}

function isValueUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent)) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isExpressionWithTypeArguments(parent) && ts.isInterfaceDeclaration(parent.parent.parent))
    return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  return !(isNamed(parent) && parent.name === node);
}

function isNamed(node: ts.Node): node is ts.Node & { name: ts.Node } {
  return ts.isDeclarationStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node)
    ? (node as { name?: ts.Node }).name !== undefined
    : ts.isVariableDeclaration(node) ||
        ts.isParameter(node) ||
        ts.isBindingElement(node) ||
        ts.isEnumMember(node) ||
        ts.isFunctionExpression(node) ||
        ts.isNamedTupleMember(node) ||
        ts.isTypeParameterDeclaration(node);
}

const namesOfScope = new WeakMap<ts.Node, ReadonlySet<string>>();

function isDeclaredAround(node: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope !== undefined; scope = scope.parent) {
    if (isScope(scope) && declaredIn(scope).has(node.text)) return true;
  }
  return false;
}

function isScope(node: ts.Node): boolean {
  return (
    ts.isSourceFile(node) ||
    ts.isFunctionLike(node) ||
    ts.isBlock(node) ||
    ts.isCaseBlock(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCatchClause(node)
  );
}

function declaredIn(scope: ts.Node): ReadonlySet<string> {
  const known = namesOfScope.get(scope);
  if (known !== undefined) return known;
  const names = new Set<string>();
  ts.forEachChild(scope, (child) => collect(child, names));
  namesOfScope.set(scope, names);
  return names;
}

/** Names that a node declares in the scope around it; what is declared in scopes further in stays there. */
function collect(node: ts.Node, names: Set<string>): void {
  if (ts.isVariableDeclaration(node) || ts.isParameter(node)) collectBinding(node.name, names);
  else if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isFunctionExpression(node)) {
    if (node.name !== undefined) names.add(node.name.text);
  } else if (ts.isImportClause(node) && node.name !== undefined) names.add(node.name.text);
  else if (ts.isImportSpecifier(node) || ts.isNamespaceImport(node)) names.add(node.name.text);
  if (!isScope(node) && !ts.isClassLike(node)) ts.forEachChild(node, (child) => collect(child, names));
}

function collectBinding(name: ts.BindingName, names: Set<string>): void {
  walk(name, (node) => {
    if (ts.isBindingElement(node) && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  if (ts.isIdentifier(name)) names.add(name.text);
}

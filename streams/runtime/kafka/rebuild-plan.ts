import { TopologyError } from '../../errors.ts';
import type { Node, ProcessorNode } from '../../graph/node.ts';
import type { SubTopology } from '../../graph/topology.ts';
import type { StateStore, StoreBuilder } from '../../state/store.ts';

/**
 * The part of a sub-topology that fills the stores which are rebuilt from the input: what lies between the sources and
 * them, and nothing behind. Undefined where there is no such store.
 *
 * @throws {TopologyError} when something with a state lies in between: what it did then cannot be done again.
 */
export function rebuildPlanOf(subTopology: SubTopology): SubTopology | undefined {
  const stores = subTopology.stores.filter(isRebuilt);
  if (stores.length === 0) return undefined;
  const byName = new Map(subTopology.nodes.map((node) => [node.name, node]));
  const kept = new Set<Node>();
  for (const node of subTopology.nodes) {
    if (node.kind !== 'processor' || !node.stores.some(isRebuilt)) continue;
    assertOnlyRebuiltStores(node);
    kept.add(node);
    for (const ancestor of ancestorsOf(node, byName)) {
      if (ancestor.kind === 'processor') assertStateless(ancestor, node);
      kept.add(ancestor);
    }
  }
  const nodes = subTopology.nodes.flatMap((node) => {
    if (kept.has(node)) return [node];
    return isChildOfAny(node, kept) ? [endAt(node)] : [];
  });
  return { id: subTopology.id, nodes, stores };
}

export function isRebuilt(store: StoreBuilder<StateStore>): boolean {
  return store.recovery === 'input';
}

function ancestorsOf(node: Node, byName: ReadonlyMap<string, Node>): Set<Node> {
  const ancestors = new Set<Node>();
  const visit = (current: Node): void => {
    if (current.kind === 'source') return;
    for (const name of current.parents) {
      const parent = byName.get(name);
      if (parent === undefined || ancestors.has(parent)) continue;
      ancestors.add(parent);
      visit(parent);
    }
  };
  visit(node);
  return ancestors;
}

function assertOnlyRebuiltStores(node: ProcessorNode): void {
  const other = node.stores.find((store) => !isRebuilt(store));
  if (other !== undefined)
    throw new TopologyError(
      `"${node.name}" uses the store "${other.name}" beside one that is rebuilt from the input: give both a changelog`,
    );
}

function assertStateless(ancestor: ProcessorNode, node: ProcessorNode): void {
  const [store] = ancestor.stores;
  if (store !== undefined)
    throw new TopologyError(
      `"${node.name}" has a store that is rebuilt from the input, but "${ancestor.name}" before it keeps "${store.name}": ` +
        'give the store a changelog, or repartition in between',
    );
}

function isChildOfAny(node: Node, parents: ReadonlySet<Node>): boolean {
  if (node.kind === 'source') return false;
  for (const parent of parents) if (node.parents.includes(parent.name)) return true;
  return false;
}

/** Takes what is forwarded to the node, and does nothing. */
function endAt(node: Node): Node {
  const parents = node.kind === 'source' ? [] : node.parents;
  return {
    kind: 'processor',
    name: node.name,
    parents,
    stores: [],
    supplier: () => ({ process: () => undefined }),
  };
}

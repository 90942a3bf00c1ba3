import { TopologyError } from '../errors.ts';
import type { StateStore, StoreBuilder } from '../state/store.ts';
import type { Node } from './node.ts';
import type { SinkBinding, SubTopology, Topology } from './topology.ts';

/** Collects nodes and checks them as they come; `build` splits them into sub-topologies. */
export class TopologyBuilder {
  readonly #nodes = new Map<string, Node>();
  readonly #repartitionTopics = new Set<string>();
  readonly #sinks: SinkBinding[] = [];

  add(node: Node): void {
    if (this.#nodes.has(node.name)) throw new TopologyError(`two nodes are named "${node.name}"`);
    if (node.kind === 'source') this.#refuseSecondSource(node.topic, node.name);
    else for (const parent of node.parents) this.#requireParent(parent, node.name);
    this.#nodes.set(node.name, node);
  }

  addRepartitionTopic(topic: string): void {
    this.#repartitionTopics.add(topic);
  }

  addSink(sink: SinkBinding): void {
    if (this.#sinks.some((known) => known.connector === sink.connector)) {
      throw new TopologyError(`two sinks are named "${sink.connector}"`);
    }
    this.#sinks.push(sink);
  }

  build(options: { deadLetterTopic: string | undefined }): Topology {
    const subTopologies = splitIntoSubTopologies([...this.#nodes.values()]);
    return {
      subTopologies,
      repartitionTopics: this.#repartitionTopics,
      sinks: this.#sinks,
      deadLetterTopic: options.deadLetterTopic,
    };
  }

  #refuseSecondSource(topic: string, name: string): void {
    for (const node of this.#nodes.values()) {
      if (node.kind === 'source' && node.topic === topic) {
        throw new TopologyError(
          `topic "${topic}" is read by "${node.name}" already: use its stream in place of "${name}"`,
        );
      }
    }
  }

  #requireParent(parent: string, child: string): void {
    const node = this.#nodes.get(parent);
    if (node === undefined)
      throw new TopologyError(`"${child}" names the parent "${parent}", which does not exist`);
    if (node.kind === 'output')
      throw new TopologyError(`"${child}" cannot follow "${parent}": an output has no children`);
  }
}

/** Nodes belong together when one feeds the other or when they share a store. Ids follow the order of declaration. */
function splitIntoSubTopologies(nodes: readonly Node[]): SubTopology[] {
  const groups = new DisjointSets();
  for (const node of nodes) {
    groups.add(node.name);
    if (node.kind === 'source') continue;
    for (const parent of node.parents) groups.join(node.name, parent);
  }
  const stores = collectStores(nodes);
  for (const { users } of stores.values()) for (const user of users) groups.join(user, users[0] ?? user);

  const byRoot = new Map<string, { nodes: Node[]; stores: StoreBuilder<StateStore>[] }>();
  for (const node of nodes) {
    const root = groups.rootOf(node.name);
    const group = byRoot.get(root) ?? { nodes: [], stores: [] };
    group.nodes.push(node);
    byRoot.set(root, group);
  }
  for (const { builder, users } of stores.values())
    byRoot.get(groups.rootOf(users[0] ?? ''))?.stores.push(builder);
  return [...byRoot.values()].map((group, id) => ({ id, ...group }));
}

function collectStores(
  nodes: readonly Node[],
): Map<string, { builder: StoreBuilder<StateStore>; users: string[] }> {
  const stores = new Map<string, { builder: StoreBuilder<StateStore>; users: string[] }>();
  for (const node of nodes) {
    if (node.kind !== 'processor') continue;
    for (const builder of node.stores) {
      const known = stores.get(builder.name);
      if (known === undefined) stores.set(builder.name, { builder, users: [node.name] });
      else if (known.builder === builder) known.users.push(node.name);
      else throw new TopologyError(`two stores are named "${builder.name}"`);
    }
  }
  return stores;
}

class DisjointSets {
  readonly #parents = new Map<string, string>();

  add(name: string): void {
    if (!this.#parents.has(name)) this.#parents.set(name, name);
  }

  rootOf(name: string): string {
    let root = name;
    for (
      let parent = this.#parents.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parents.get(root)
    )
      root = parent;
    return root;
  }

  join(left: string, right: string): void {
    this.#parents.set(this.rootOf(right), this.rootOf(left));
  }
}

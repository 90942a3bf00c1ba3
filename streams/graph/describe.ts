import type { Node } from './node.ts';
import type { SinkBinding, Topology } from './topology.ts';

/** The topology as text, in the form that Kafka Streams made familiar. */
export function describeAsText(topology: Topology): string {
  const lines: string[] = ['Topologies:'];
  for (const subTopology of topology.subTopologies) {
    lines.push(`  Sub-topology: ${subTopology.id}`);
    for (const node of subTopology.nodes) {
      lines.push(`    ${titleOf(node)}`, `      --> ${namesOr(childrenOf(node, subTopology.nodes), 'none')}`);
      if (node.kind !== 'source') lines.push(`      <-- ${namesOr(node.parents, 'none')}`);
    }
  }
  for (const sink of topology.sinks) lines.push(`  Sink: ${sink.connector} (${feedOf(sink)})`);
  if (topology.deadLetterTopic !== undefined) lines.push(`  Dead letters: ${topology.deadLetterTopic}`);
  return `${lines.join('\n')}\n`;
}

/** The topology as a Mermaid flow chart: topics and stores as cylinders, sinks at the right edge. */
export function describeAsMermaid(topology: Topology): string {
  const chart = new MermaidChart();
  for (const subTopology of topology.subTopologies) {
    chart.line(`  subgraph sub${subTopology.id}["sub-topology ${subTopology.id}"]`);
    for (const node of subTopology.nodes)
      if (node.kind === 'processor') chart.line(`    ${chart.id(node.name)}["${node.name}"]`);
    for (const store of subTopology.stores)
      chart.line(`    ${chart.id(`store ${store.name}`)}[("${store.name}")]`);
    chart.line('  end');
    for (const node of subTopology.nodes) drawEdges(chart, node, subTopology.nodes);
  }
  for (const sink of topology.sinks) {
    chart.line(
      `  ${chart.topic(sink.topic)} --> ${chart.id(`sink ${sink.connector}`)}(["${sink.connector}"])`,
    );
    if (sink.snapshot !== undefined)
      chart.line(
        `  ${chart.topic(sink.snapshot.topic)} -. snapshot .-> ${chart.id(`sink ${sink.connector}`)}`,
      );
  }
  return chart.text();
}

function drawEdges(chart: MermaidChart, node: Node, nodes: readonly Node[]): void {
  if (node.kind === 'source') {
    for (const child of childrenOf(node, nodes))
      chart.line(`  ${chart.topic(node.topic)} --> ${chart.end(child, nodes)}`);
    return;
  }
  if (node.kind === 'output') return;
  for (const child of childrenOf(node, nodes))
    chart.line(`  ${chart.id(node.name)} --> ${chart.end(child, nodes)}`);
  for (const store of node.stores)
    chart.line(`  ${chart.id(node.name)} -.- ${chart.id(`store ${store.name}`)}`);
}

class MermaidChart {
  readonly #ids = new Map<string, string>();
  readonly #lines: string[] = ['flowchart LR'];

  id(name: string): string {
    let id = this.#ids.get(name);
    if (id === undefined) this.#ids.set(name, (id = `n${this.#ids.size}`));
    return id;
  }

  topic(topic: string): string {
    const known = this.#ids.has(`topic ${topic}`);
    const id = this.id(`topic ${topic}`);
    return known ? id : `${id}[("${topic}")]`;
  }

  end(name: string, nodes: readonly Node[]): string {
    const node = nodes.find((candidate) => candidate.name === name);
    return node?.kind === 'output' ? this.topic(node.topic) : this.id(name);
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

function titleOf(node: Node): string {
  if (node.kind === 'source') return `Source: ${node.name} (topics: [${node.topic}])`;
  if (node.kind === 'output') return `Sink: ${node.name} (topic: ${node.topic})`;
  return `Processor: ${node.name} (stores: [${node.stores.map((store) => store.name).join(', ')}])`;
}

function feedOf({ topic, snapshot }: SinkBinding): string {
  return snapshot === undefined ? `topic: ${topic}` : `topic: ${topic}, snapshot: ${snapshot.topic}`;
}

export function childrenOf(node: Node, nodes: readonly Node[]): string[] {
  return nodes
    .filter((other) => other.kind !== 'source' && other.parents.includes(node.name))
    .map((other) => other.name);
}

function namesOr(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(', ');
}

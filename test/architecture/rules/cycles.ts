import { importsOf, targetOf } from '../imports.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

interface Edge {
  readonly to: string;
  readonly line: number;
}

type Graph = ReadonlyMap<string, readonly Edge[]>;

/**
 * The types of a fluent interface name each other: a stream groups into a table, a table leads back to a stream.
 * Inside this folder imports of types alone may close a cycle; what runs may not, here as everywhere.
 */
const MUTUAL_TYPES = 'streams/dsl/';

/** No file imports itself through others. Imports of types count: they tie files together for a reader as well. */
export function checkCycles(sources: readonly SourceFile[]): Violation[] {
  const graph = graphOf(sources);
  const reported = new Set<string>();
  return [...graph.keys()].flatMap((start) => {
    const cycle = shortestCycle(graph, start);
    if (cycle === null) return [];
    const members = cycle
      .map((step) => step.to)
      .sort()
      .join(' ');
    if (reported.has(members)) return [];
    reported.add(members);
    return [
      {
        file: start,
        line: cycle[0]?.line ?? 1,
        what: `import cycle: ${[start, ...cycle.map((step) => step.to)].join(' → ')}`,
        instead: 'move what both sides need into a file that imports neither',
      },
    ];
  });
}

function graphOf(sources: readonly SourceFile[]): Graph {
  const graph = new Map<string, Edge[]>();
  for (const source of sources) {
    if (source.tree === null) continue;
    const edges = importsOf(source).flatMap((site) => {
      const target = targetOf(source.path, site.specifier);
      if (target.kind !== 'file') return [];
      const mutual =
        site.typeOnly && [source.path, target.path].every((path) => path.startsWith(MUTUAL_TYPES));
      return mutual ? [] : [{ to: target.path, line: site.line }];
    });
    graph.set(source.path, edges);
  }
  return graph;
}

/** The edges of the shortest way from `start` back to it, by breadth-first search. */
function shortestCycle(graph: Graph, start: string): readonly Edge[] | null {
  const reachedBy = new Map<string, readonly Edge[]>([[start, []]]);
  for (const [node, way] of reachedBy) {
    for (const edge of graph.get(node) ?? []) {
      if (edge.to === start) return [...way, edge];
      if (!reachedBy.has(edge.to)) reachedBy.set(edge.to, [...way, edge]);
    }
  }
  return null;
}

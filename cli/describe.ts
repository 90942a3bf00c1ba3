import { describeAsMermaid, describeAsText } from '@incident-streams/streams';
import { EmbeddedRegistry } from '../schemas/embedded-registry.ts';
import { createSerdes } from '../schemas/serdes.ts';
import { incidentTopology } from '../topology/incident-topology.ts';
import { loadRules } from './demo/demo-options.ts';

/** The incident topology under the given rules, as text. */
export function describeTopology(options: { readonly mermaid?: boolean; readonly rules?: string }): string {
  const { topology } = incidentTopology(loadRules(options.rules), createSerdes(new EmbeddedRegistry()));
  return options.mermaid === true ? describeAsMermaid(topology) : describeAsText(topology);
}

import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { ConfigError } from '../errors.ts';
import type { RunConfig } from './config/config-schema.ts';

/**
 * The store of the events seen is rebuilt from the inbox, so what it may remember must still be there.
 * @throws {ConfigError} where topics would be created that keep their records for a shorter time
 */
export function refuseShortRetention({ topics }: RunConfig, ruleSet: RuleSet): void {
  const { topology } = incidentTopology(ruleSet, createSerdes(new EmbeddedRegistry()));
  const stores = topology.subTopologies.flatMap((subTopology) => subTopology.stores);
  const reachMs = Math.max(0, ...stores.map((store) => store.reachMs ?? 0));
  if (topics.retentionMs >= reachMs) return;
  const { dedupeWithinMs } = ruleSet.limits;
  throw new ConfigError(
    `topics.retentionMs is ${topics.retentionMs}; it must be at least ${reachMs}, since the rules' limits.dedupeWithinMs is ${dedupeWithinMs}`,
  );
}

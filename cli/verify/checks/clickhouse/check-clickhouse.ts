import { CannotCheckError } from '../../errors.ts';
import { switchedOff } from '../../finding.ts';
import type { Finding } from '../../finding.ts';
import { clickHouseOf } from '../../../run/outside-systems.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import { ARCHIVED_TOPICS } from './archived-topics.ts';
import { checkTable } from './check-table.ts';
import { History } from './history.ts';

/** The rows of each table against the records of its topic: none missing, none too many, each as it should be. */
export async function checkClickHouse(parts: VerifyParts): Promise<Finding[]> {
  const connection = clickHouseOf(parts.sources.config);
  if (connection === undefined) return [switchedOff('clickhouse', 'clickhouse.url is not set')];
  const history = new History({ ...connection, requestTimeoutMs: parts.sources.limits.timeoutMs });
  const findings: Finding[] = [];
  try {
    for (const archived of ARCHIVED_TOPICS) {
      const finder = parts.finder('clickhouse', archived.table);
      let compared = '';
      try {
        compared = await checkTable(parts, archived, { history, finder });
      } catch (error) {
        if (!(error instanceof CannotCheckError)) throw error;
        finder.couldNotCheck(error.message);
      }
      findings.push(finder.finish(compared));
    }
  } finally {
    await history.close();
  }
  return findings;
}

import { resolveConnection, waitUntilReachable } from './connection.ts';
import type { ClickHouseSinkOptions } from './table-sink.ts';
import { migrate } from './migrations.ts';
import { applyRetention } from './retention.ts';

/** Tables of records; each is fed by one sink. */
const TABLES = ['transition_log', 'window_log', 'event_log', 'dead_letter_log'];

/**
 * Makes what sinks with `schema: 'check'` expect to find, once, as a user who may.
 * @returns what was done: the names of the migrations that had not been applied
 * @throws {ClickHouseUnavailableError | ClickHousePreparationError}
 */
export async function prepareHistory(
  options: Omit<ClickHouseSinkOptions, 'schema'>,
): Promise<{ readonly database: string; readonly applied: readonly string[] }> {
  const connection = resolveConnection(options);
  await waitUntilReachable(connection);
  const applied = await migrate(connection);
  for (const table of TABLES) await applyRetention(connection, table, options.retentionDays);
  return { database: connection.database, applied };
}

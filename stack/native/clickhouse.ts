import { startClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import type { NativeServiceOptions, RunningService } from './running-service.ts';

/** The embedded engine behind ClickHouse's HTTP interface; the URL names the user who may write. */
export async function startClickhouse(
  folder: string,
  { port }: Pick<NativeServiceOptions, 'port'> = {},
): Promise<RunningService> {
  const engine = await startClickHouseEngine({ dataDir: folder, ...(port === undefined ? {} : { port }) });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  const url = new URL(`${engine.url}/${engine.database}`);
  url.username = engine.writer.username;
  url.password = engine.writer.password;
  return { url: url.href, stop: engine.stop };
}

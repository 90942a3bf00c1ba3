import { ReplayDataError } from '../errors.ts';
import { parseNumber, parseZonelessTime, readCsvRows } from './text-file.ts';

/** One hour of a crash series. `crashes` is null where the count is missing; `anomalous` is a person's label. */
export interface CrashHour {
  readonly startAt: number;
  readonly crashes: number | null;
  readonly anomalous: boolean;
}

/** Crash counts of one application, hours ascending, none twice. */
export interface CrashSeries {
  readonly name: string;
  readonly hours: readonly CrashHour[];
}

/**
 * Reads `TimeStamp,Value,Label`. The files hold some hours twice, with the same count: they count once, and are taken
 * as anomalous where either row says so.
 * @throws {ReplayDataError} naming the file and line that cannot be read.
 */
export function loadCrashSeries(path: string, name: string): CrashSeries {
  const byStart = new Map<number, CrashHour>();
  readCsvRows(path, ['TimeStamp', 'Value', 'Label']).forEach(([time = '', value = '', label = ''], index) => {
    const where = `${path}:${index + 2}`;
    const startAt = parseZonelessTime(time, where);
    const crashes = value.trim() === '' ? null : parseCount(value, where);
    const known = byStart.get(startAt);
    if (known !== undefined && known.crashes !== crashes) {
      throw new ReplayDataError(`${where}: the hour ${time} occurs twice, with different counts`);
    }
    byStart.set(startAt, { startAt, crashes, anomalous: label === '1' || known?.anomalous === true });
  });
  return { name, hours: [...byStart.values()].sort((a, b) => a.startAt - b.startAt) };
}

function parseCount(text: string, where: string): number {
  const count = parseNumber(text, where);
  if (!Number.isInteger(count) || count < 0) throw new ReplayDataError(`${where}: "${text}" is not a count`);
  return count;
}

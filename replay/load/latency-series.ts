import { z } from 'zod';
import { ReplayDataError } from '../errors.ts';
import { parseNumber, parseZonelessTime, readCsvRows, readTextFile } from './text-file.ts';

export interface LatencySample {
  readonly at: number;
  readonly value: number;
}

/** A stretch of time that people labelled as anomalous, both ends included. */
export interface LabelledWindow {
  readonly startAt: number;
  readonly endAt: number;
}

/** Latency every five minutes, ascending, and the windows that it is scored against. */
export interface LatencySeries {
  readonly name: string;
  readonly samples: readonly LatencySample[];
  readonly windows: readonly LabelledWindow[];
}

/** The label file: a path that ends in the series' file name → its windows as pairs of times. */
export type WindowLabels = ReadonlyMap<string, readonly LabelledWindow[]>;

const labelFileSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));

/** @throws {ReplayDataError} when the file is not a map of series to pairs of times. */
export function loadWindowLabels(path: string): WindowLabels {
  let labels: z.infer<typeof labelFileSchema>;
  try {
    labels = labelFileSchema.parse(JSON.parse(readTextFile(path)));
  } catch (cause) {
    throw new ReplayDataError(`${path} is not a label file: ${(cause as Error).message}`, { cause });
  }
  return new Map(
    Object.entries(labels).map(([series, windows]) => [
      series.replace(/^.*\//, ''),
      windows.map(([start, end]) => ({
        startAt: parseZonelessTime(start, `${path} ${series}`),
        endAt: parseZonelessTime(end, `${path} ${series}`),
      })),
    ]),
  );
}

/** @throws {ReplayDataError} when a line cannot be read or the series has no labels. */
export function loadLatencySeries(path: string, name: string, labels: WindowLabels): LatencySeries {
  const windows = labels.get(`${name}.csv`);
  if (windows === undefined)
    throw new ReplayDataError(`The label file has no windows for the series ${name}`);
  const samples = readCsvRows(path, ['timestamp', 'value']).map(([time = '', value = ''], index) => {
    const where = `${path}:${index + 2}`;
    return { at: parseZonelessTime(time, where), value: parseNumber(value, where) };
  });
  return { name, samples: samples.sort((a, b) => a.at - b.at), windows };
}

import { readFileSync } from 'node:fs';
import { ReplayDataError } from '../errors.ts';

/** @throws {ReplayDataError} when the file cannot be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ReplayDataError(`Cannot read the data file ${path}`, { cause });
  }
}

/** The lines of a file that are not blank, without their line ends. */
export function readLines(path: string): string[] {
  return readTextFile(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

/**
 * The rows of a plain CSV file, without its header: the shipped ones quote nothing.
 * @throws {ReplayDataError} when the header is not the expected one or a row has another number of cells.
 */
export function readCsvRows(path: string, header: readonly string[]): string[][] {
  const [first, ...rest] = readLines(path).map((line) => line.split(','));
  if (first?.join() !== header.join()) {
    throw new ReplayDataError(`${path} begins with "${first?.join()}", expected "${header.join()}"`);
  }
  rest.forEach((cells, index) => {
    if (cells.length !== header.length) {
      throw new ReplayDataError(`${path}:${index + 2} has ${cells.length} cells, expected ${header.length}`);
    }
  });
  return rest;
}

/** Milliseconds since the epoch of a `2018-07-03 14:00:00[.000000]` that names no zone: read as UTC. */
export function parseZonelessTime(text: string, where: string): number {
  const timeMs = Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
  if (Number.isNaN(timeMs)) throw new ReplayDataError(`${where}: "${text}" is not a time`);
  return timeMs;
}

/** @throws {ReplayDataError} when the cell is not a finite number. */
export function parseNumber(text: string, where: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new ReplayDataError(`${where}: "${text}" is not a number`);
  return value;
}

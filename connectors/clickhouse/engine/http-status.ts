const BAD_REQUEST = [6, 26, 27, 36, 38, 41, 53, 62, 70, 72, 117, 130, 131, 162, 456, 457];
const NOT_FOUND = [16, 46, 47, 50, 56, 60, 81, 115];
const STATUS_BY_CODE: ReadonlyMap<number, number> = new Map([
  ...BAD_REQUEST.map((code) => [code, 400] as const),
  ...NOT_FOUND.map((code) => [code, 404] as const),
  [164, 403],
  [497, 403],
  [516, 403],
  [48, 501],
  [159, 408],
  [202, 503],
]);

/** The HTTP status that goes with ClickHouse's number of an error. */
export function httpStatusOf(clickHouseCode: number): number {
  return STATUS_BY_CODE.get(clickHouseCode) ?? 500;
}

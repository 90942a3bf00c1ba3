const CODE = /\bCode: (\d+)\./;

/** A refusal in ClickHouse's own words, `Code: N. DB::Exception: …`, as clients of its HTTP interface expect them. */
export class EngineError extends Error {
  /** ClickHouse's number for the kind of error; 1002 where the text holds none. */
  readonly clickHouseCode: number;

  constructor(message: string, options?: ErrorOptions) {
    const found = CODE.exec(message)?.[1];
    super(
      found === undefined ? `Code: 1002. DB::Exception: ${message} (UNKNOWN_EXCEPTION)` : message,
      options,
    );
    this.name = 'EngineError';
    this.clickHouseCode = found === undefined ? 1002 : Number(found);
  }
}

/** Whatever was thrown, as an EngineError. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError(error instanceof Error ? error.message : String(error), { cause: error });
}

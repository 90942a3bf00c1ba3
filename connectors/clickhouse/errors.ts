import { CodedError } from '@incident-streams/streams';

/** ClickHouse did not answer in time, or not at all. What was to be written is still to be written. */
export class ClickHouseUnavailableError extends CodedError {
  readonly code = 'CLICKHOUSE_UNAVAILABLE';
}

/** ClickHouse answered, and refused to insert a batch. */
export class ClickHouseInsertRefusedError extends CodedError {
  readonly code = 'CLICKHOUSE_INSERT_REFUSED';
}

/** ClickHouse answered, and refused a statement that makes or alters the database, its tables or its views. */
export class ClickHousePreparationError extends CodedError {
  readonly code = 'CLICKHOUSE_PREPARATION';
}

/** A migration that this database has applied reads differently now. */
export class ClickHouseMigrationChangedError extends CodedError {
  readonly code = 'CLICKHOUSE_MIGRATION_CHANGED';
}

/** The database is older than this code, and it is somebody else's task to migrate it. */
export class ClickHouseSchemaBehindError extends CodedError {
  readonly code = 'CLICKHOUSE_SCHEMA_BEHIND';
}

/** The connector was set up in a way that cannot work. */
export class ClickHouseUsageError extends CodedError {
  readonly code = 'CLICKHOUSE_USAGE';
}

/** A sink was written to before it was opened. */
export class ClickHouseSinkNotOpenError extends CodedError {
  readonly code = 'CLICKHOUSE_SINK_NOT_OPEN';
}

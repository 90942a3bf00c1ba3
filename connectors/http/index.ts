export { decodeAlertPosition, encodeAlertPosition } from './alert-position.ts';
export { ROLES } from './auth/roles.ts';
export type { Role } from './auth/roles.ts';
export { TOKEN_NAME, changeTokenFile, readTokenFile, TokenFileError } from './auth/token-file.ts';
export { createToken, hashOf } from './auth/token.ts';
export { isExpired } from './auth/token-table.ts';
export type { StoredToken } from './auth/token-table.ts';
export { WatchedTokens } from './auth/watched-tokens.ts';
export type { TokenSource } from './auth/watched-tokens.ts';
export { isLoopback } from './loopback.ts';
export { AlertPositionError, HttpProblemError, IncidentCursorError } from './errors.ts';
export type { FieldProblem } from './errors.ts';
export { AvroInvalidError, IngestOverloadedError } from './ingest-errors.ts';
export { pageOfIncidents } from './incident-page.ts';
export type {
  IncidentOrder,
  IncidentPage,
  IncidentQuery,
  IncidentReader,
  LoadedRule,
  ServicesAnswer,
  ServiceSummary,
  TimelineRange,
} from './incident-ports.ts';
export type { AlertStreamOptions, HttpServerOptions } from './options.ts';
export type {
  AlertFeed,
  CommandIngest,
  EventIngest,
  HttpPorts,
  LedgerCounts,
  LedgerReader,
  PartitionLedger,
  PartReadiness,
  PartState,
  PlacedAlert,
  Readiness,
  RecordPlace,
} from './ports.ts';
export { createHttpServer, listenHttp } from './server.ts';
export { servicesOf } from './services-of.ts';

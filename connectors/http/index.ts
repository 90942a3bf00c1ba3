export { decodeAlertPosition, encodeAlertPosition } from './alert-position.ts';
export { AlertPositionError, HttpProblemError, IncidentCursorError } from './errors.ts';
export type { FieldProblem } from './errors.ts';
export { pageOfIncidents } from './incident-page.ts';
export type { AlertStreamOptions, HttpServerOptions } from './options.ts';
export type {
  Alert,
  AlertFeed,
  AlertPayload,
  CommandIngest,
  EventIngest,
  HttpPorts,
  IncidentPage,
  IncidentQuery,
  IncidentReader,
  LedgerCounts,
  LedgerReader,
  PartitionLedger,
  PartReadiness,
  PartState,
  Readiness,
  RecordPlace,
  TimelineRange,
} from './ports.ts';
export { createHttpServer, listenHttp } from './server.ts';

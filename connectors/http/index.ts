export { decodeAlertPosition, encodeAlertPosition } from './alert-position.ts';
export { AlertPositionError, HttpProblemError, IncidentCursorError } from './errors.ts';
export type { FieldProblem } from './errors.ts';
export { pageOfIncidents } from './incident-page.ts';
export type { AlertStreamOptions, HttpServerOptions } from './options.ts';
export type {
  AlertFeed,
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
  PlacedAlert,
  Readiness,
  RecordPlace,
  TimelineRange,
} from './ports.ts';
export { createHttpServer, listenHttp } from './server.ts';

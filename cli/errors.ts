import { CodedError } from '@incident-streams/streams';
import { HttpProblemError } from '../connectors/http/index.ts';

/** Events from today cannot be mixed into old data that is still being replayed. */
export class ReplayRunningError extends HttpProblemError {
  readonly code = 'CLI_REPLAY_RUNNING';
  readonly status = 503;
  readonly title = 'The replay is still running';
}

/** The data directory holds a replay that was begun with other settings. */
export class ReplaySettingsError extends CodedError {
  readonly code = 'CLI_REPLAY_SETTINGS';
}

/** A file or an option that was given on the command line cannot be used. */
export class UsageError extends CodedError {
  readonly code = 'CLI_USAGE';
}

/** The configuration of `incidents run` cannot be used. The message names every key at fault and where it comes from. */
export class ConfigError extends CodedError {
  readonly code = 'CLI_CONFIG';
}

/** Redis, which keeps the state, did not answer in time. */
export class StateUnavailableError extends HttpProblemError {
  readonly code = 'CLI_STATE_UNAVAILABLE';
  readonly status = 503;
  readonly title = 'The state of incidents cannot be read right now';
}

/** The brokers, which keep the ledger with the topology's offsets, did not answer in time. */
export class LedgerUnavailableError extends HttpProblemError {
  readonly code = 'CLI_LEDGER_UNAVAILABLE';
  readonly status = 503;
  readonly title = 'The ledger cannot be read right now';
}

// Made by `npm run schemas` from schemas/OperatorCommand.avsc. Change that file, not this one.

/**
 * What an operator asks for. It takes effect when it is read from the inbox, in order with the events of the
 * same correlation key.
 */
export interface OperatorCommand {
  /** Names the command. The same id again is the same command again. */
  readonly id: string;
  /** When the operator gave it. Milliseconds since the epoch. */
  readonly time: number;
  /** The incident that it acts on. */
  readonly incidentId: string;
  /**
   * What belongs together: service/component, or service/component/fingerprint. Everything about one key is
   * kept in one partition, in order.
   */
  readonly correlationKey: string;
  /** What to do. */
  readonly action: OperatorAction;
  /** Who asks for it, as people would recognise them. */
  readonly actor: string;
  /** What the operator has to say. COMMENT needs it; the others may carry it. */
  readonly comment: string | null;
}

/**
 * What an operator can do to an incident. A reader that meets an action it does not know takes it for
 * COMMENT, which changes no status.
 */
export type OperatorAction =
  | 'ACKNOWLEDGE'
  | 'RESOLVE'
  | 'COMMENT';

/** Every {@link OperatorAction}, in the order of the schema. */
export const OPERATOR_ACTION_SYMBOLS = [
  'ACKNOWLEDGE',
  'RESOLVE',
  'COMMENT',
] as const;

import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import { EVENT_LIMITS } from './validate-event.ts';

/** The most UTF-16 units that the texts of a command may have. */
export const COMMAND_LIMITS = { idChars: 256, actorChars: 256, commentChars: 8192 } as const;

/** What is wrong with a command in itself, as a sentence that names the field; null when nothing is. */
export function invalidCommandReason(command: OperatorCommand): string | null {
  if (command.id === '') return 'id is empty';
  if (command.id.length > COMMAND_LIMITS.idChars) return tooLong('id', command.id, COMMAND_LIMITS.idChars);
  if (command.actor.trim() === '') return 'actor is empty: who asks for it?';
  if (command.actor.length > COMMAND_LIMITS.actorChars)
    return tooLong('actor', command.actor, COMMAND_LIMITS.actorChars);
  if (command.correlationKey === '') return 'correlationKey is empty';
  const maxKeyChars =
    EVENT_LIMITS.serviceChars + EVENT_LIMITS.componentChars + EVENT_LIMITS.fingerprintChars + 2;
  if (command.correlationKey.length > maxKeyChars)
    return tooLong('correlationKey', command.correlationKey, maxKeyChars);
  const comment = command.comment ?? '';
  if (comment.length > COMMAND_LIMITS.commentChars)
    return tooLong('comment', comment, COMMAND_LIMITS.commentChars);
  if (command.action === 'COMMENT' && comment.trim() === '')
    return 'comment is empty, and a COMMENT is nothing without it';
  return null;
}

function tooLong(field: string, text: string, maxChars: number): string {
  return `${field} has ${text.length} characters, at most ${maxChars} are accepted`;
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OperatorCommand } from '../../../schemas/generated/OperatorCommand.ts';
import { BodyInvalidError, IngestUnavailableError } from '../errors.ts';
import type { IncidentReader } from '../incident-ports.ts';
import type { CommandIngest } from '../ports.ts';
import { check, namesOf } from '../query.ts';
import { incidentUnknown } from './incidents.ts';

export interface CommandRouteOptions {
  readonly now: () => number;
  readonly newId: () => string;
}

const ACTION_OF_PATH = { acknowledge: 'ACKNOWLEDGE', resolve: 'RESOLVE', comment: 'COMMENT' } as const;

const actor = z
  .string({ error: 'must be a text: who does this' })
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(200, { error: 'must have at most 200 characters' })
  .refine((name) => name.toLowerCase() !== 'system', { error: 'is the name the pipeline itself acts under' });

const comment = z
  .string({ error: 'must be a text' })
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(4_000, { error: 'must have at most 4,000 characters' });

const withComment = z.strictObject({ actor, comment }, { error: 'must be an object' });
const perhapsWithComment = z.strictObject(
  { actor, comment: comment.nullish().transform((text) => text ?? null) },
  { error: 'must be an object' },
);

/** Commands take effect when the pipeline reads them: the answer says where they were written and where to look. */
export function registerCommandRoutes(
  app: FastifyInstance,
  ports: { readonly incidents: IncidentReader; readonly commands: CommandIngest },
  options: CommandRouteOptions,
): void {
  for (const [path, action] of Object.entries(ACTION_OF_PATH)) {
    app.post<{ Params: { id: string } }>(`/incidents/:id/${path}`, async (request, reply) => {
      const { actor, comment } = parseBody(action, request.body);
      const incident = await ports.incidents.incident(request.params.id);
      if (incident === undefined) throw incidentUnknown(request.params.id);
      const { incidentId, correlationKey } = incident;
      const command = {
        id: options.newId(),
        time: options.now(),
        incidentId,
        correlationKey,
        action,
        actor,
        comment,
      };
      const place = await appendDurably(ports.commands, command);
      const lookAt = `/incidents/${encodeURIComponent(incidentId)}`;
      return reply
        .code(202)
        .header('location', lookAt)
        .send({ commandId: command.id, action, ...place, incident: lookAt, timeline: `${lookAt}/timeline` });
    });
  }
}

function parseBody(
  action: OperatorCommand['action'],
  body: unknown,
): { readonly actor: string; readonly comment: string | null } {
  const checked = check<{ actor: string; comment: string | null }>(
    action === 'COMMENT' ? withComment : perhapsWithComment,
    body,
  );
  if (checked.ok) return checked.value;
  throw new BodyInvalidError(`Nothing was done. Not valid: ${namesOf(checked.fields)}.`, {
    fields: checked.fields,
  });
}

async function appendDurably(commands: CommandIngest, command: OperatorCommand) {
  try {
    return await commands.append(command);
  } catch (cause) {
    throw new IngestUnavailableError(
      'The command could not be stored. Look at the incident, then try again.',
      {
        cause,
      },
    );
  }
}

import { z } from 'zod';
import { ReplayDataError } from '../errors.ts';
import { readLines } from './text-file.ts';

const instant = z.iso.datetime().transform((text) => Date.parse(text));

const incidentSchema = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    impact: z.enum(['none', 'minor', 'major', 'critical']),
    started_at: instant,
    resolved_at: instant,
    components: z.array(z.string()),
    updates: z
      .array(
        z.object({
          id: z.string().min(1),
          status: z.string(),
          body: z.string().nullable(),
          created_at: instant,
          affected_components: z.array(z.object({ name: z.string() })),
        }),
      )
      .min(1),
  })
  .transform((raw) => ({
    id: raw.id,
    name: raw.name,
    impact: raw.impact,
    components: raw.components,
    updates: raw.updates.map((update) => ({
      id: update.id,
      status: update.status,
      body: update.body ?? '',
      at: update.created_at,
      affectedComponents: update.affected_components.map((component) => component.name),
    })),
    truth: { startedAt: raw.started_at, resolvedAt: raw.resolved_at },
  }));

/**
 * One incident of GitHub as its status page tells it. `truth` is what the pipeline is scored against; the updates
 * are all that it may see. Times in milliseconds since the epoch.
 */
export type GithubIncident = z.infer<typeof incidentSchema>;

/** @throws {ReplayDataError} naming the line that is not an incident. */
export function loadGithubIncidents(path: string): GithubIncident[] {
  return readLines(path).map((line, index) => {
    try {
      return incidentSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new ReplayDataError(`${path}:${index + 1} is not an incident: ${(cause as Error).message}`, {
        cause,
      });
    }
  });
}

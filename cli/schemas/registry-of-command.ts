import type { RegistryConnectionOptions } from '../../connectors/schema-registry/index.ts';
import { UsageError } from '../errors.ts';

/**
 * The registry that the option names, else the environment, by the variables that `incidents run` goes by.
 * @throws {UsageError} when neither does.
 */
export function registryOfCommand(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): RegistryConnectionOptions {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const url = option ?? variable('INCIDENTS_REGISTRY_URL') ?? variable('SCHEMA_REGISTRY_URL');
  if (url === undefined) {
    throw new UsageError('Which registry? Give --registry <url> or set SCHEMA_REGISTRY_URL');
  }
  const username = variable('INCIDENTS_REGISTRY_USERNAME');
  if (username === undefined) return { url };
  return { url, auth: { username, password: variable('INCIDENTS_REGISTRY_PASSWORD') ?? '' } };
}

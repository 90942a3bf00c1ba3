export { compareSchema } from './compare-schema.ts';
export type { SchemaComparison } from './compare-schema.ts';
export { ConfluentRegistry, openConfluentRegistry } from './confluent-registry.ts';
export type { ConfluentRegistryOptions } from './confluent-registry.ts';
export {
  SchemaIncompatibleError,
  SchemaNotRegisteredError,
  SchemaRegistryRefusedError,
  SchemaRegistryUnavailableError,
  SchemaRegistryUsageError,
} from './errors.ts';
export { registerSchema } from './register-schema.ts';
export type { NewSubjectLevel } from './register-schema.ts';
export { COMPATIBILITY_LEVELS, RegistryApi } from './registry-api.ts';
export type { CompatibilityLevel } from './registry-api.ts';
export { resolveConnection } from './registry-connection.ts';
export type { RegistryConnectionOptions } from './registry-connection.ts';

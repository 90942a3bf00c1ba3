import { CodedError } from '@incident-streams/streams';

/** No answer from the registry in time, or one that says that it cannot answer now. Asking again later helps. */
export class SchemaRegistryUnavailableError extends CodedError {
  readonly code = 'SCHEMA_REGISTRY_UNAVAILABLE';
}

/** The registry answered and refused: no rights, a wrong path, a schema that it takes for invalid. */
export class SchemaRegistryRefusedError extends CodedError {
  readonly code = 'SCHEMA_REGISTRY_REFUSED';
}

/** A schema does not fit the versions before it, by the rule that the registry has for its subject. */
export class SchemaIncompatibleError extends CodedError {
  readonly code = 'SCHEMA_REGISTRY_INCOMPATIBLE';
}

/** A schema of this version is not in the registry, and was not to be registered. */
export class SchemaNotRegisteredError extends CodedError {
  readonly code = 'SCHEMA_REGISTRY_NOT_REGISTERED';
}

/** The connector was set up or called in a way that cannot work. */
export class SchemaRegistryUsageError extends CodedError {
  readonly code = 'SCHEMA_REGISTRY_USAGE';
}

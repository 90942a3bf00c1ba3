export { startSchemaRegistry } from '../../../stack/native/schema-registry.ts';

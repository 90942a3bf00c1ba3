export { startClickhouse } from '../../../stack/native/clickhouse.ts';

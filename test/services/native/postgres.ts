export { startPostgres } from '../../../stack/native/postgres.ts';

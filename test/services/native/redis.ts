export { startRedis } from '../../../stack/native/redis.ts';

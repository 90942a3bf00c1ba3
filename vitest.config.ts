import { defineConfig } from 'vitest/config';
import { PlainLineReporter } from './test/plain-line-reporter.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', '.data/**', '.cache/**'],
    globalSetup: './test/services/global-setup.ts',
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // kafkajs sets timers in the past.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    reporters: ['default', new PlainLineReporter()],
  },
});

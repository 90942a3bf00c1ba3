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
    // A poll without a time-out of its own would have one second.
    expect: { poll: { timeout: 50_000 } },
    // kafkajs sets timers in the past.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    reporters: ['default', new PlainLineReporter()],
  },
});

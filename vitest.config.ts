import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: 'tests/support/begin-stores.ts',
    include: ['tests/**/*.test.ts'],
    // The embedded engine crashes under worker threads, and holds one directory a process: every file gets a process.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
})

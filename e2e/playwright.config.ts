import { defineConfig } from '@playwright/test'

/**
 * Real browsers against real relays, each test with a relay process of its own. Browsers are launched by `fixtures.ts`, because a
 * game is played between two of them, not always of one kind.
 */
export default defineConfig({
  testDir: 'specs',
  outputDir: '../test-results',
  fullyParallel: true,
  // Two shared cores: a second worker would make both slower and the WebRTC handshakes late.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: '../.cache/reports/e2e.json' }]],
})

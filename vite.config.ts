import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

import { leanLibp2p, leanLimits } from './apps/web/build/lean-libp2p.ts'

const conditions = ['@tsugi/source']

/** One project per package, so that `vitest run --project go` works on its own. */
function unit(name: string, folder: string) {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      root: folder,
      include: ['{src,build}/**/*.test.ts'],
      environment: 'node' as const,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  }
}

function webTransport(name: string, folder: string) {
  const { test, ...project } = unit(name, folder)
  return {
    ...project,
    test: {
      ...test,
      // No process can be forked on a C library that is not the system's.
      pool: 'threads' as const,
      alias: { 'aegir/chai': fileURLToPath(new URL(`${folder}/test-support/aegir-chai.ts`, import.meta.url)) },
      server: { deps: { inline: ['@libp2p/interface-compliance-tests'] } },
    },
  }
}

export default defineConfig({
  root: 'apps/web',
  base: './',
  plugins: [leanLibp2p(), leanLimits()],
  resolve: { conditions: [...conditions, 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What it takes to read a stored game, and so to show its board.
            {
              name: 'game',
              test: /node_modules\/(?:@noble|cborg|@ipld|multiformats|valibot)\/|packages\/(?:protocol|match|bounded)\//,
            },
          ],
        },
      },
      treeshake: {
        // libp2p's packages do not say so, but none of their modules does anything by being imported.
        moduleSideEffects: [{ test: /node_modules\/(?!lit|@lit)/, sideEffects: false }],
      },
    },
  },
  test: {
    root: import.meta.dirname,
    projects: [
      unit('protocol', 'packages/protocol'),
      unit('bounded', 'packages/bounded'),
      unit('go', 'packages/go'),
      unit('match', 'packages/match'),
      unit('testkit', 'packages/testkit'),
      unit('gossip', 'packages/gossip'),
      unit('peer', 'packages/peer'),
      webTransport('webtransport', 'packages/webtransport-listener'),
      unit('relay', 'packages/relay'),
      unit('relay-app', 'apps/relay'),
      unit('web', 'apps/web'),
      unit('dashboard', 'apps/dashboard'),
    ],
  },
})

import { defineConfig } from 'vite'

/** `vite build --config apps/dashboard/vite.config.ts`; the relay serves the result below `/dashboard`. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/dashboard/',
  resolve: { conditions: ['@tsugi/source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: true,
    modulePreload: { polyfill: false },
  },
})

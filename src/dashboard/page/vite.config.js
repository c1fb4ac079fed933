import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The page. `npx vite src/dashboard/page` serves it with changes shown as they are made, in front of a dashboard that runs on
 * DASHBOARD_PORT; src/dashboard/build-page.ts builds it for use.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The content-security-policy allows no data: addresses; each asset is a file of ours.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: { '/api': `http://127.0.0.1:${process.env.DASHBOARD_PORT ?? '3000'}` },
  },
});

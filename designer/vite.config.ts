/** Builds the console for `/console/`: hashed assets, no inline script, so that `script-src 'self'` is enough. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  resolve: {
    alias: {
      // the form library's test registry names it; ours does not compile schemas to code, which the page's policy refuses
      '@rjsf/validator-ajv8': fileURLToPath(new URL('src/forms/validator.ts', import.meta.url)),
    },
  },
  build: {
    target: 'es2023',
    // these know light-dark(); for older ones it would be rewritten to what does not follow the theme
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    // an inlined asset would need `data:` in the policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500,
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy: { '/api': process.env.CALLWRIGHT_API ?? 'http://127.0.0.1:8080' } },
});

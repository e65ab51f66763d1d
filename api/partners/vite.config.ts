/** Builds the pages of partners' programs for `/partners/`: one entry for each contract that has some, hashed assets, no inline script. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const entries = readdirSync(root)
  .map((contract) => join(root, contract, 'demo', 'index.html'))
  .filter((page) => existsSync(page));

export default defineConfig({
  root,
  base: '/partners/',
  plugins: [react()],
  build: {
    target: 'es2023',
    // these know light-dark(); for older ones it would be rewritten to what does not follow the theme
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    // an inlined asset would need `data:` in the policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: entries },
  },
});

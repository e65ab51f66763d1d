/** Unit tests (`*.test.ts`) need nothing but Node; integration tests (`*.it.test.ts`) get real services from `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,flows,workers,api,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.data/**', '**/.cache/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});

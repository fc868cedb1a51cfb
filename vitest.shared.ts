import { defineConfig } from 'vitest/config';

// Tests run from the sources of every workspace package ("source" export condition), so no build comes first.
const conditions = ['source', 'module', 'node', 'import', 'default'];

export const workspaceTestConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000, pool: 'forks' },
});

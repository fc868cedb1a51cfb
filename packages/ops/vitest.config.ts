import { mergeConfig } from 'vitest/config';
import { workspaceTestConfig } from '../../vitest.shared.ts';

export default mergeConfig(workspaceTestConfig, {
  test: { setupFiles: process.env.OCELLI_PROOF ? ['test/record-proof.ts'] : [] },
});

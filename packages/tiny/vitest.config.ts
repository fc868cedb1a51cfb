import { mergeConfig } from 'vitest/config';
import { workspaceTestConfig } from '../../vitest.shared.ts';

// The recipes are not published, but they are tested like everything else.
export default mergeConfig(workspaceTestConfig, { test: { include: ['recipes/**/*.test.ts'] } });

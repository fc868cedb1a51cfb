import { workspaceTestConfig } from '../vitest.shared.ts';

export default { ...workspaceTestConfig, test: { ...workspaceTestConfig.test, include: ['**/*.test.ts'] } };

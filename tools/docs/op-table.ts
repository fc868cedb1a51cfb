// Writes docs/ops.md, the support matrix, from the op table: npm run docs:ops
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { opTable } from '@ocelli/ops';

const rows = opTable.map(({ name, contract, cases, tolerance, timed }) => {
  const differentiable = cases.some(({ inputs }) =>
    inputs.some(
      ({ dtype, differentiable }) => (dtype ?? 'float32') === 'float32' && differentiable !== false,
    ),
  );
  const error = `${tolerance.absolute} + ${tolerance.relative} · \\|x\\|`;
  return `| \`${name}\` | ${contract} | ${differentiable ? 'yes' : '–'} | ${cases.length} | ${error} | ${timed.length} |`;
});
const page = `# Ops

Written by \`npm run docs:ops\` from the op table (\`packages/ops/src/registry\`). Every row is tested against a
double-precision reference on each instruction set (AVX-512, AVX2, portable), its gradient against finite differences.

| op | contract | gradient | cases | tolerance | timed shapes |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync(fileURLToPath(new URL('../../docs/ops.md', import.meta.url)), page);

import { spawnSync } from 'node:child_process';

const asked = [
  'name',
  'driver_version',
  'memory.total',
  'clocks.max.sm',
  'clocks.max.mem',
  'power.limit',
  'vbios_version',
];

/** What NVIDIA's driver says of a GPU, each as it says it; null where it does not answer. */
export function describeGpu(index: number): Readonly<Record<string, string>> | null {
  const query = [`--id=${index}`, `--query-gpu=${asked.join(',')}`, '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  if (status !== 0) return null;
  const values = stdout.trim().split(', ');
  return Object.fromEntries(asked.map((name, i) => [name, values[i] ?? '']));
}

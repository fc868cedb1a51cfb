import { device, type KernelTime } from '@ocelli/ops';

/** Where a piece of work spent its time. */
export interface WorkProfile {
  readonly milliseconds: number;
  /** Time in which the device ran a kernel; copies to and from it are none. */
  readonly kernelMilliseconds: number;
  readonly rows: readonly KernelTime[];
}

/** Runs `work`, which has been run before, and profiles it. */
export async function profileWork(work: () => Promise<unknown>): Promise<WorkProfile> {
  await device.startProfile();
  const begin = performance.now();
  await work();
  await device.synchronize();
  const milliseconds = performance.now() - begin;
  const rows = await device.stopProfile();
  const kernels = rows.filter(({ kernel }) => !['write', 'read', 'read file'].includes(kernel));
  const kernelMilliseconds = kernels.reduce((sum, row) => sum + row.milliseconds, 0);
  return { milliseconds, kernelMilliseconds, rows };
}

/** The kernels by name, then the costliest calls by their sizes and settings, as a table. */
export function formatProfile({ milliseconds, kernelMilliseconds, rows }: WorkProfile, most = 25): string {
  const byName = new Map<string, { calls: number; milliseconds: number }>();
  for (const { kernel, calls, milliseconds: time } of rows) {
    const sum = byName.get(kernel) ?? { calls: 0, milliseconds: 0 };
    byName.set(kernel, { calls: sum.calls + calls, milliseconds: sum.milliseconds + time });
  }
  const line = (name: string, calls: number, time: number): string =>
    `${name.padEnd(64)} ${String(calls).padStart(6)} ${time.toFixed(2).padStart(10)} ms ` +
    `${((time / milliseconds) * 100).toFixed(1).padStart(5)} %`;
  const names = [...byName].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return [
    `${milliseconds.toFixed(1)} ms, ${(100 - (kernelMilliseconds / milliseconds) * 100).toFixed(2)} % of it outside kernels`,
    ...names.map(([name, sum]) => line(name, sum.calls, sum.milliseconds)),
    'by sizes and settings',
    ...rows
      .slice(0, most)
      .map((row) => line(`${row.kernel} ${row.scalars.join(' ')}`, row.calls, row.milliseconds)),
  ].join('\n');
}

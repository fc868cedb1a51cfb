import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { device } from './device.js';
import { empty, tensor } from './tensor.js';

const megabytes = 256;

function residentMegabytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

it.runIf(process.platform === 'linux')(
  'gives large new memory its pages before anybody writes there',
  async () => {
    await device.emptyCache();
    const before = residentMegabytes();
    using _memory = empty([megabytes * 2 ** 20], 'uint8');
    await expect
      .poll(() => residentMegabytes() - before, { timeout: 20_000 })
      .toBeGreaterThan(0.9 * megabytes);
  },
);

it('changes nothing of what is written meanwhile, and lets memory go at any moment', async () => {
  const values = Float32Array.from({ length: 4 * 2 ** 20 }, (_, i) => i);
  for (let round = 0; round < 8; round++) {
    using x = tensor(values);
    empty([megabytes * 2 ** 18]).dispose();
    await device.emptyCache();
    using y = tensor(values);
    for (const written of [x, y])
      expect(Buffer.from((await written.data()).buffer).equals(Buffer.from(values.buffer))).toBe(true);
  }
});

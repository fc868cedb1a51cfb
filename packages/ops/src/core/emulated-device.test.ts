import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emulatedAddon, needs } from '../../test/cuda-addons.js';
import { device } from './device.js';
import { dryRun } from './dry-run.js';
import type { DType, DTypeArrays } from './dtype.js';
import { currentDevice, type DeviceName, openDevice } from './open-device.js';
import { run } from './run.js';
import { Storage } from './storage.js';
import { empty, type Tensor, tensor, zeros } from './tensor.js';

// What the addon of CUDA devices does with memory, copies and failures, on the executor in place of a GPU.
const devices = ['cuda-emulated', 'cuda-emulated:1', 'cuda-emulated:2'] as const;
const { name: before } = device;

beforeEach((context) => {
  needs(emulatedAddon, context);
  vi.stubEnv('SIMT_DEVICES', String(devices.length));
});
afterEach(() => {
  vi.unstubAllEnvs();
  device.use(before);
});
afterAll(() => vi.unstubAllEnvs());

function using<Result>(name: DeviceName, body: () => Result): Result {
  const current = device.name;
  device.use(name);
  try {
    return body();
  } finally {
    device.use(current);
  }
}

describe('several devices', () => {
  it('brings tensors of every type from one to the other', async () => {
    const arrays: { [Type in DType]?: DTypeArrays[Type] } = {
      float32: new Float32Array([1.5, -0, Number.NaN, 3e38]),
      bfloat16: new Uint16Array([0x3f80, 0xffff, 1, 0]),
      float16: new Uint16Array([0x3c00, 0x7e01, 1, 0x8000]),
      int32: new Int32Array([-(2 ** 31), 2 ** 31 - 1, 0, 7]),
      uint8: new Uint8Array([0, 255, 1, 128]),
    };
    for (const [dtype, values] of Object.entries(arrays)) {
      const origin = tensor(values, [2, 2], dtype as DType);
      const there = await origin.to('cuda-emulated');
      const further = await there.to('cuda-emulated:1');
      const back = await further.to('cpu');
      expect([origin, there, further, back].map((each) => each.device)).toEqual([
        before,
        devices[0],
        devices[1],
        'cpu',
      ]);
      expect(back.dtype).toBe(dtype);
      expect(back.shape).toEqual([2, 2]);
      expect(await back.data<DType>()).toEqual(values);
    }
  });

  it('brings a view alone, nothing where there is nothing, and no gradient', async () => {
    const whole = tensor([1, 2, 3, 4, 5, 6], [3, 2]).asParameter();
    const row = await whole.view([2], 8).to('cuda-emulated');
    expect(await row.data()).toEqual(new Float32Array([3, 4]));
    expect(row.storage('test').bytes).toBe(8);
    expect(row.requiresGrad).toBe(false);
    const none = await empty([0, 3]).to('cuda-emulated');
    expect(await none.data()).toEqual(new Float32Array(0));
    const copy = await whole.to(whole.device);
    copy.write(new Float32Array(6));
    expect((await whole.data())[5]).toBe(6);
  });

  it('refuses to mix them', async () => {
    const there = using('cuda-emulated:1', () => zeros([4]));
    for (const name of ['cpu', 'cuda-emulated'] as const) {
      device.use(name);
      expect(() => run('fill', [there], [4, 4, 0])).toThrow(
        `[fill] Tensor [4] float32 lies on cuda-emulated:1, and the device in use is ${name}; bring it there with to(), ` +
          'or choose the other with device.use()',
      );
    }
    expect(await there.data()).toEqual(new Float32Array(4));
  });

  it('keeps an own queue and memory for each', async () => {
    const counts = devices.slice(0, 2).map((name) => using(name, () => device.memory().allocated));
    const held = using('cuda-emulated:1', () => zeros([1000]));
    expect(using('cuda-emulated', () => device.memory().allocated)).toBe(counts[0]);
    expect(using('cuda-emulated:1', () => device.memory().allocated)).toBeGreaterThanOrEqual(
      counts[1]! + 4000,
    );
    held.dispose();
  });

  it('says which names there are', () => {
    expect(() => device.use('cuda-emulated:3')).toThrow('only 3 of its kind; use the device cpu');
    expect(() => device.use('gpu' as DeviceName)).toThrow('[device] there is no device "gpu"');
    expect(() => device.use('cpu:1' as DeviceName)).toThrow('[device] there is no device "cpu:1"');
    expect(device.name).toBe(before);
  });
});

describe('memory', () => {
  it('goes on after it has run out', async () => {
    device.use('cuda-emulated');
    await device.emptyCache();
    const limit = 2 ** 20;
    vi.stubEnv('SIMT_MEMORY', String(device.memory().allocated + limit));
    const held: Tensor[] = [];
    const fill = () => {
      for (;;) held.push(zeros([2 ** 14]));
    };
    expect(fill).toThrow(/^\[allocate\] out of memory: 65536 bytes wanted, \d+ in use$/);
    expect(held.length).toBeGreaterThan(10);
    expect(() => zeros([2 ** 18])).toThrow('[allocate] out of memory: 1048576 bytes wanted');
    // What there is still works, and what is freed serves other sizes.
    expect(await held[0]!.data()).toEqual(new Float32Array(2 ** 14));
    for (const one of held) one.dispose();
    const large = zeros([3 * 2 ** 15]);
    large.write(new Float32Array(large.size).fill(3));
    expect((await large.data()).every((value) => value === 3)).toBe(true);
    large.dispose();
    await device.emptyCache();
    expect(device.memory().cached).toBe(0);
  });

  it('may be planned', () => {
    device.use('cuda-emulated');
    const { allocated, systemAllocations } = device.memory();
    const planned = dryRun(() => {
      zeros([2 ** 30]);
      return device.memory().peak;
    });
    expect(planned).toBeGreaterThanOrEqual(allocated + 4 * 2 ** 30);
    expect(device.memory()).toMatchObject({ allocated, systemAllocations });
  });
});

describe('copies to the device', () => {
  // The executor copies as late as CUDA may: a part of the staging memory that is used again too early would show.
  it('are right however many are under way', async () => {
    device.use('cuda-emulated');
    const size = 3 * 2 ** 17; // 1.5 MiB
    const array = new Float32Array(size);
    const written: Tensor[] = [];
    for (let i = 0; i < 24; i++) {
      array.fill(i);
      written.push(tensor(array));
    }
    for (const [i, one] of written.entries()) {
      expect((await one.data()).every((value) => value === i)).toBe(true);
      one.dispose();
    }
  });

  it('come from files piece by piece', async () => {
    device.use('cuda-emulated');
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-device-'));
    const path = join(folder, 'values');
    const values = new Float32Array(9 * 2 ** 18 + 3).map((_, i) => i); // 9 MiB, more than two pieces
    writeFileSync(path, values);
    const x = empty([values.length + 1]);
    const read = (bytes: number) =>
      currentDevice().native.readFile(x.storage('test').handle, 4, path, 8, bytes);
    read(4 * (values.length - 2));
    const found = (await x.data()).subarray(1, -2);
    expect(Buffer.compare(Buffer.from(found.slice().buffer), Buffer.from(values.slice(2).buffer))).toBe(0);
    read(4 * values.length);
    await expect(device.synchronize()).rejects.toThrow(
      `[read file] ${path} ends before byte ${4 * values.length + 8}`,
    );
    read(4);
    expect((await x.data())[1]).toBe(2);
    x.dispose();
    rmSync(folder, { recursive: true });
  });

  it('come in order with kernels', async () => {
    device.use('cuda-emulated');
    const x = empty([5]);
    x.write(new Float32Array([1, 2, 3, 4, 5]));
    run('fill', [x.view([3], 4)], [3, 4, 0]);
    x.view([1], 8).write(new Float32Array([9]));
    expect(await x.data()).toEqual(new Float32Array([1, 0, 9, 0, 5]));
  });

  it('stop asking for memory once a loop repeats', async () => {
    device.use('cuda-emulated:1');
    const x = empty([1000]);
    const values = new Float32Array(1000);
    const step = async () => {
      for (let i = 0; i < 10; i++) x.write(values);
      await device.synchronize();
    };
    // How many copies are under way at once, and so the parts that they need, depends on the threads' luck.
    const taken: number[] = [];
    for (let i = 0; i < 40; i++) {
      await step();
      taken.push(device.memory().systemAllocations);
    }
    expect(taken.at(-1)! - taken[0]!).toBeLessThanOrEqual(10);
  });

  it('are too large for the staging ring', async () => {
    device.use('cuda-emulated');
    const values = new Float32Array(9 * 2 ** 20).map((_, i) => i); // 36 MiB
    const x = tensor(values);
    expect(Buffer.compare(Buffer.from((await x.data()).buffer), Buffer.from(values.buffer))).toBe(0);
    x.dispose();
  });
});

describe('a device that is lost', () => {
  it('rejects every wait from then on, and leaves the others alone', async () => {
    device.use('cuda-emulated:2');
    const { native } = currentDevice();
    const x = zeros([8]);
    await device.synchronize();
    vi.stubEnv('SIMT_LOST_AFTER', '1');
    const reason =
      /^\[fill\] cuda-emulated:2 is lost: launch: an illegal memory access was encountered \(CUDA error 700\); start the process anew/;
    run('fill', [x], [8, 4, 0]);
    await expect(device.synchronize()).rejects.toThrow(reason);
    vi.stubEnv('SIMT_LOST_AFTER', '1000000');
    const later =
      /^\[(device|read|fill)\] cuda-emulated:2 is lost: launch: an illegal memory access was encountered/;
    await expect(device.synchronize()).rejects.toThrow(later);
    await expect(x.data()).rejects.toThrow(later);
    run('fill', [x], [8, 4, 0]);
    await expect(device.synchronize()).rejects.toThrow(later);
    x.dispose();
    await expect(native.synchronize()).rejects.toThrow(later);
    device.use('cuda-emulated');
    expect(await zeros([2]).data()).toEqual(new Float32Array(2));
  });

  it('says so when memory is asked of it', () => {
    device.use('cuda-emulated:2');
    vi.stubEnv('SIMT_LOST_AFTER', '0');
    expect(() => new Storage(2 ** 20, openDevice('cuda-emulated:2'))).toThrow(
      '[allocate] cudaMallocAsync: an illegal memory access was encountered (CUDA error 700)',
    );
  });
});

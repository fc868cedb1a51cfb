// An environment is only ever torn down for real in a worker_thread: load the addon there, leave at different moments
// (idle, with work queued, with a promise pending, by terminate()), many times, and beside work on the main thread.
// OCELLI_NATIVE may name another build of the addon; OCELLI_CUDA_EMULATED names that of CUDA's kernels on the executor,
// whose copies to the device are still under way when an environment goes.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const emulated = process.env.OCELLI_CUDA_EMULATED;
const addon = createRequire(import.meta.url)(
  emulated ??
    process.env.OCELLI_NATIVE ??
    fileURLToPath(new URL('../build/Release/ocelli.node', import.meta.url)),
);
const native = new addon.Device(0);
const kernel = (wanted) => native.kernels.findIndex(({ name }) => name === wanted);
const matmul = kernel('matmul');
const fill = kernel('fill');
const size = emulated ? 32 : 192; // the executor is slow

function work(times) {
  const [a, b, c] = Array.from({ length: 3 }, () => native.allocate(size * size * 4));
  native.write(a, 0, new Float32Array(size * size).fill(1));
  native.write(b, 0, new Float32Array(size * size).fill(2));
  if (emulated) {
    const [bits] = new Uint32Array(new Float32Array([2 * size]).buffer);
    for (let i = 0; i < times; i++) {
      native.run(fill, [c], [0], [size * size, 4, bits]);
      native.write(b, 0, new Float32Array(size * size).fill(i));
    }
    return { a, b, c };
  }
  for (let i = 0; i < times; i++) {
    native.run(
      matmul,
      [a, b, null, null, c, null, null],
      [0, 0, 0, 0, 0, 0, 0],
      [size, size, size, 0, 0, -1],
    );
  }
  return { a, b, c };
}

if (isMainThread) {
  const ways = ['idle', 'queued', 'pending', 'released', 'terminate'];
  for (let round = 0; round < 20; round++) {
    const { c } = work(3);
    await Promise.all(
      ways.map(
        (way) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(fileURLToPath(import.meta.url), { workerData: way });
            worker.on('error', reject);
            worker.on('exit', resolve);
            if (way === 'terminate') worker.on('message', () => worker.terminate());
          }),
      ),
    );
    const values = new Float32Array(await native.read(c, 0, size * size * 4));
    if (values.some((value) => value !== 2 * size))
      throw new Error(`round ${round}: wrong product ${values[0]}`);
  }
  console.log('worker threads: ok');
} else {
  const { a, c } = work(workerData === 'idle' ? 0 : 50);
  if (workerData === 'pending') void native.read(c, 0, 4);
  if (workerData === 'released') native.release(a);
  if (workerData === 'terminate') {
    parentPort.postMessage('busy');
    for (;;) await native.synchronize().then(() => work(5));
  }
}

// onnxruntime-node as a peer: answers lines of JSON (peer-process.ts tells the protocol). Knows one case, `linear`: a
// MatMul with a constant weight, which the runtime packs when it loads the model.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
let runtime;
try {
  runtime = require('onnxruntime-node');
} catch {
  console.error('not installed (npm install --prefix DIR onnxruntime-node, then NODE_PATH=DIR/node_modules)');
  process.exit(1);
}

/** Protocol buffers: a varint, and fields of both kinds that a model needs. */
function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, ...parts) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};

const float32 = 1;
const tensorType = (name, sizes) => [
  bytes(1, name),
  bytes(2, bytes(1, number(1, float32), bytes(2, ...sizes.map((size) => bytes(1, number(1, size)))))),
];

/** y [rows, outputs] = x [rows, inputs] times a constant, as an ONNX model (onnx.proto). */
function model(rows, inputs, outputs) {
  const weight = new Float32Array(inputs * outputs);
  for (let i = 0; i < weight.length; i++) weight[i] = (i % 7) - 3;
  const graph = [
    bytes(1, bytes(1, 'x'), bytes(1, 'weight'), bytes(2, 'y'), bytes(4, 'MatMul')),
    bytes(2, 'linear'),
    bytes(
      5,
      number(1, inputs),
      number(1, outputs),
      number(2, float32),
      bytes(8, 'weight'),
      bytes(9, Buffer.from(weight.buffer)),
    ),
    bytes(11, ...tensorType('x', [rows, inputs])),
    bytes(12, ...tensorType('y', [rows, outputs])),
  ];
  const operators = bytes(8, bytes(1, ''), number(2, 17));
  return Buffer.concat([number(1, 8), bytes(7, ...graph), operators]);
}

let session;
let feeds;

async function prepare({ case: name, threads, rows, inputs, outputs, dtype }) {
  if (name !== 'linear' || dtype !== 'float32') return { contenders: [] };
  session = await runtime.InferenceSession.create(model(rows, inputs, outputs), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const x = new Float32Array(rows * inputs).map((_, i) => (i % 5) - 2);
  feeds = { x: new runtime.Tensor('float32', x, [rows, inputs]) };
  return { contenders: ['onnxruntime'] };
}

async function answer(request) {
  if (request.prepare) return prepare(request.prepare);
  if (request.run) {
    const start = performance.now();
    for (let i = 0; i < request.repeats; i++) await session.run(feeds);
    const seconds = (performance.now() - start) / 1000;
    await sleep(12); // its threads spin for some time
    return { seconds };
  }
  if (request.evaluate) return { values: [...(await session.run(feeds)).y.data] };
  if (request.release) {
    await session?.release();
    session = undefined;
    return {};
  }
  return { error: `no request ${Object.keys(request)}` };
}

console.log(
  JSON.stringify({
    name: 'onnxruntime-node',
    version: require('onnxruntime-node/package.json').version,
  }),
);
for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { error: String(error) };
  }
  console.log(JSON.stringify(reply));
}

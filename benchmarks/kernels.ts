// Times every op of the op table at its listed shapes: npm run bench [-- name ...] [--json FILE]
// Numbers of a busy machine mean little: compare rows of one run, and quote the median.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { device, opTable, Random, scope, type Tensor, tensor } from '@ocelli/ops';

type Entry = (typeof opTable)[number];
type Timed = Entry['timed'][number];

interface Row {
  op: string;
  shape: string;
  milliseconds: number;
  gigaflops?: number;
  gigabytes?: number;
}

const secondsPerCase = 0.3;

function inputsOf(timed: Timed, random: Random): Tensor[] {
  return timed.inputs.map(({ shape, fill, dtype }) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: size }, (_, i) => {
      if (fill?.kind === 'integers') return (fill.from ?? 0) + random.integer(fill.below - (fill.from ?? 0));
      if (fill?.kind === 'values') return fill.values[i % fill.values.length]!;
      return fill?.kind === 'positive' ? 0.1 + random.uniform() : random.normal();
    });
    return tensor(values, shape, dtype ?? 'float32');
  });
}

async function time(op: Entry, timed: Timed): Promise<Row> {
  const inputs = inputsOf(timed, new Random(1));
  const once = async (repeats: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) scope(() => void op.run(inputs, timed.options));
    await device.synchronize();
    return (performance.now() - start) / repeats;
  };
  await once(1);
  const repeats = Math.max(1, Math.round((secondsPerCase * 1000) / 15 / Math.max(await once(2), 1e-3)));
  const samples: number[] = [];
  for (let i = 0; i < 15; i++) samples.push(await once(repeats));
  for (const input of inputs) input.dispose();
  const milliseconds = samples.sort((a, b) => a - b)[7]!;
  return {
    op: op.name,
    shape: timed.label,
    milliseconds,
    ...(timed.operations ? { gigaflops: timed.operations / milliseconds / 1e6 } : {}),
    ...(timed.bytes ? { gigabytes: timed.bytes / milliseconds / 1e6 } : {}),
  };
}

const args = process.argv.slice(2);
const jsonAt = args.indexOf('--json');
const jsonFile = jsonAt >= 0 ? args[jsonAt + 1] : undefined;
const names = args.filter((_, i) => i !== jsonAt && (jsonAt < 0 || i !== jsonAt + 1));
const rows: Row[] = [];
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${device.isa}, ${device.threads} threads`);
for (const op of opTable) {
  if (names.length > 0 && !names.some((name) => op.name.includes(name))) continue;
  for (const timed of op.timed) {
    const row = await time(op, timed);
    rows.push(row);
    const rate = row.gigaflops
      ? `${row.gigaflops.toFixed(1)} GFLOP/s`
      : row.gigabytes
        ? `${row.gigabytes.toFixed(1)} GB/s`
        : '';
    console.log(
      `${row.op.padEnd(26)} ${row.shape.padEnd(32)} ${row.milliseconds.toFixed(4).padStart(10)} ms  ${rate}`,
    );
  }
}
if (jsonFile) {
  const machine = {
    processor: cpus()[0]?.model,
    isa: device.isa,
    threads: device.threads,
    node: process.version,
  };
  writeFileSync(jsonFile, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
}

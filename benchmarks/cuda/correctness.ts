import { backward, device, opTable, Random, type Tensor, tensor } from '@ocelli/ops';

type DeviceName = typeof device.name;
type Entry = (typeof opTable)[number];
type Case = Entry['cases'][number];
type Input = Case['inputs'][number];

/** How one op fared: all its cases against the double-precision reference, their gradients against the processor's. */
export interface Verdict {
  readonly op: string;
  readonly cases: number;
  readonly wrong: number;
  /** The largest error as a share of what is allowed: at most 1 is right. */
  readonly worst: number;
  /** What went wrong first. */
  readonly problem?: string;
}

function fill({ shape, fill: kind = { kind: 'normal' } }: Input, random: Random): Float64Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return Float64Array.from({ length: size }, (_, i) => {
    if (kind.kind === 'integers') return (kind.from ?? 0) + random.integer(kind.below - (kind.from ?? 0));
    if (kind.kind === 'values') return Math.fround(kind.values[i % kind.values.length]!);
    return Math.fround(
      kind.kind === 'positive' ? 0.1 + random.uniform() : random.normal() * (kind.scale ?? 1),
    );
  });
}

/** The op's result and the gradients of its inputs, on the device in use. */
async function runOn(
  name: DeviceName,
  op: Entry,
  { inputs, options }: Case,
  values: readonly Float64Array[],
): Promise<{ result: ArrayLike<number>; gradients: (ArrayLike<number> | null)[] }> {
  device.use(name);
  const tensors: Tensor[] = inputs.map((spec, i) =>
    tensor(Array.from(values[i]!), spec.shape, spec.dtype ?? 'float32'),
  );
  for (const [i, { dtype = 'float32', differentiable = true }] of inputs.entries())
    tensors[i]!.requiresGrad = dtype === 'float32' && differentiable;
  const output = op.run(tensors, options);
  if (output.node) {
    const random = new Random(7);
    const cotangent = Array.from({ length: output.size }, () => Math.fround(random.normal()));
    backward(output, tensor(cotangent, output.shape));
  }
  const result = await output.data();
  const gradients = await Promise.all(tensors.map((input) => input.grad?.data() ?? null));
  return { result, gradients };
}

/** The largest error as a share of the tolerance. */
function worstOf(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative }: Entry['tolerance'],
  factor: number,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const share =
      Math.abs(actual[i]! - expected[i]!) / (factor * (absolute + relative * Math.abs(expected[i]!)));
    worst = Math.max(worst, Number.isNaN(share) ? Number.POSITIVE_INFINITY : share);
  }
  return worst;
}

async function check(name: DeviceName, op: Entry, one: Case, index: number): Promise<number> {
  const random = new Random(index + 1);
  const values = one.inputs.map((spec) => fill(spec, random));
  const references = values.map((data, i) => ({
    shape: one.inputs[i]!.shape,
    data: Float64Array.from(data),
  }));
  const expected = op.reference(references, one.options);
  const [here, there] = [await runOn(name, op, one, values), await runOn('cpu', op, one, values)];
  const tolerance = op.gradientTolerance ?? op.tolerance;
  const ofGradients = here.gradients.map((gradient, i) => {
    const processors = there.gradients[i];
    if (!gradient || !processors) return gradient === processors ? 0 : Number.POSITIVE_INFINITY;
    // Both are off, each by as much as is allowed, at most.
    return worstOf(gradient, processors, { ...tolerance, absolute: tolerance.absolute + 1e-6 }, 2);
  });
  return Math.max(worstOf(here.result, expected.data, op.tolerance, 1), ...ofGradients);
}

/** The op table on a device; `quick`: the first three cases of each op. */
export async function checkOps(
  name: DeviceName,
  quick: boolean,
  report: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const op of opTable) {
    const cases = quick ? op.cases.slice(0, 3) : op.cases;
    let [wrong, worst] = [0, 0];
    let problem: string | undefined;
    for (const [index, one] of cases.entries()) {
      try {
        const share = await check(name, op, one, index);
        worst = Math.max(worst, share);
        if (share > 1) {
          wrong++;
          problem ??= `case ${index}: an error of ${share.toPrecision(3)} times what is allowed`;
        }
      } catch (error) {
        wrong++;
        problem ??= `case ${index}: ${(error as Error).message}`;
      }
    }
    const verdict = { op: op.name, cases: cases.length, wrong, worst, ...(problem ? { problem } : {}) };
    report(verdict);
    verdicts.push(verdict);
  }
  device.use(name);
  return verdicts;
}

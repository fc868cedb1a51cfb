import {
  AdamW,
  attention,
  backward,
  embedding,
  layerNorm,
  linear,
  linearCrossEntropy,
  PackedWeight,
  scope,
  softmax,
  type Tensor,
  type WeightType,
  zeros,
} from '@ocelli/ops';

/** Shapes of a language model. */
export interface ModelShape {
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
  readonly vocabulary: number;
}

/** OPT (Zhang et al. 2022). */
export const models: readonly ModelShape[] = [
  { name: 'OPT-125M', width: 768, heads: 12, inner: 3072, vocabulary: 50_272 },
  { name: 'OPT-1.3B', width: 2048, heads: 32, inner: 8192, vocabulary: 50_272 },
  { name: 'OPT-6.7B', width: 4096, heads: 32, inner: 16_384, vocabulary: 50_272 },
];
/** As small as every path of the benchmark allows. */
export const tinyModel: ModelShape = { name: 'tiny', width: 64, heads: 2, inner: 128, vocabulary: 160 };

/** Texts of a phase: so many of so many tokens, after a cache of so many. */
export interface PhaseShape {
  readonly name: 'decoding' | 'training';
  readonly batch: number;
  readonly tokens: number;
  readonly cached: number;
}
export const phases: readonly PhaseShape[] = [
  { name: 'decoding', batch: 1, tokens: 1, cached: 1023 },
  { name: 'training', batch: 16, tokens: 128, cached: 0 },
];
export const tinyPhases: readonly PhaseShape[] = [
  { name: 'decoding', batch: 1, tokens: 1, cached: 12 },
  { name: 'training', batch: 2, tokens: 5, cached: 0 },
];

/** One thing that a model does, at its sizes: what it holds is made once, what `enqueue` does can be timed. */
export interface ModelCall {
  readonly label: string;
  /** What PyTorch is asked to do beside it: a case of torch_cuda_worker.py. */
  readonly peer?: { readonly case: string } & Readonly<Record<string, string | number | boolean>>;
  readonly prepare: () => { readonly enqueue: () => void; readonly held: readonly { dispose(): void }[] };
}

const ids = (count: number): Tensor => zeros([count], 'int32');

function linearCall(
  label: string,
  rows: number,
  inputs: number,
  outputs: number,
  dtype: WeightType,
  trains: boolean,
): ModelCall {
  return {
    label: `${label} ${dtype}, ${rows} x ${inputs} -> ${outputs}${trains ? ', and dX' : ''}`,
    peer: { case: 'linear', rows, inputs, outputs, dtype, backward: trains },
    prepare: () => {
      const plain = zeros([outputs, inputs]);
      const weight = new PackedWeight(plain, { dtype });
      plain.dispose();
      const x = zeros([rows, inputs]);
      x.requiresGrad = trains;
      const bias = zeros([outputs]);
      const gradient = zeros([rows, outputs]);
      const enqueue = (): void => {
        const y = linear(x, weight, bias);
        if (!trains) return;
        backward(y, gradient);
        forget(x);
      };
      return { enqueue, held: [weight, x, bias, gradient] };
    },
  };
}

function forget(...tensors: Tensor[]): void {
  for (const tensor of tensors) {
    tensor.grad?.dispose();
    tensor.grad = null;
  }
}

/** What one phase of a model calls: each kind of layer once. */
export function modelCalls(model: ModelShape, phase: PhaseShape, dtypes: readonly WeightType[]): ModelCall[] {
  const { width, heads, inner } = model;
  const { batch, tokens, cached } = phase;
  const rows = batch * tokens;
  const trains = phase.name === 'training';
  const shared: ModelCall[] = [
    {
      label: `layer norm${trains ? ' and its gradient' : ''}, ${rows} x ${width}`,
      peer: { case: 'layer_norm', rows, width, backward: trains },
      prepare: () => {
        const [x, weight, bias, gradient] = [
          zeros([rows, width]),
          zeros([width]),
          zeros([width]),
          zeros([rows, width]),
        ];
        x.requiresGrad = trains;
        const enqueue = (): void => {
          const y = layerNorm(x, { weight, bias, epsilon: 1e-5 });
          if (trains) backward(y, gradient);
          forget(x);
        };
        return { enqueue, held: [x, weight, bias, gradient] };
      },
    },
    {
      label: `attention${trains ? ' and its gradient' : ''}, ${batch} x ${tokens} of ${tokens + cached} tokens`,
      peer: {
        case: 'attention',
        batch,
        queries: tokens,
        keys: tokens + cached,
        heads,
        size: width / heads,
        backward: trains,
      },
      prepare: () => {
        const [q, k, v] = [tokens, tokens + cached, tokens + cached].map((count) =>
          zeros([batch, count, width]),
        );
        for (const each of [q!, k!, v!]) each.requiresGrad = trains;
        const gradient = zeros([batch, tokens, width]);
        const enqueue = (): void => {
          const y = attention(q!, k!, v!, { heads, causal: true });
          if (trains) backward(y, gradient);
          forget(q!, k!, v!);
        };
        return { enqueue, held: [q!, k!, v!, gradient] };
      },
    },
  ];
  const linears = dtypes.flatMap((dtype) => [
    linearCall('linear', rows, width, width, dtype, trains),
    linearCall('linear', rows, width, inner, dtype, trains),
    linearCall('linear', rows, inner, width, dtype, trains),
  ]);
  return [...linears, ...shared, ...(trains ? trainingCalls(model, rows) : decodingCalls(model, dtypes))];
}

function decodingCalls({ width, vocabulary }: ModelShape, dtypes: readonly WeightType[]): ModelCall[] {
  return [
    ...dtypes.map((dtype) => linearCall('head', 1, width, vocabulary, dtype, false)),
    {
      label: `softmax, 1 x ${vocabulary}`,
      peer: { case: 'softmax', rows: 1, width: vocabulary },
      prepare: () => {
        const x = zeros([1, vocabulary]);
        return { enqueue: () => void softmax(x), held: [x] };
      },
    },
  ];
}

/** Of eP-ALM: the loss of the frozen head, a trainable projection and the optimizer. */
function trainingCalls({ width, vocabulary }: ModelShape, rows: number): ModelCall[] {
  const projection = { from: Math.min(768, width), to: width };
  return [
    {
      label: `token table, ${rows} of ${vocabulary} x ${width}`,
      prepare: () => {
        const [table, chosen] = [zeros([vocabulary, width]), ids(rows)];
        return { enqueue: () => void embedding(table, chosen), held: [table, chosen] };
      },
    },
    {
      label: `head and loss with dX bfloat16, ${rows} x ${width} -> ${vocabulary}`,
      peer: { case: 'head_loss', rows, width, words: vocabulary, dtype: 'bfloat16' },
      prepare: () => {
        const plain = zeros([vocabulary, width]);
        const weight = new PackedWeight(plain, { dtype: 'bfloat16' });
        plain.dispose();
        const [x, targets] = [zeros([rows, width]), ids(rows)];
        x.requiresGrad = true;
        const enqueue = (): void => {
          backward(linearCrossEntropy(x, weight, targets));
          forget(x);
        };
        return { enqueue, held: [weight, x, targets] };
      },
    },
    {
      label: `trainable linear and its gradients, ${rows} x ${projection.from} -> ${projection.to}`,
      prepare: () => {
        const [x, weight, bias] = [
          zeros([rows, projection.from]),
          zeros([projection.to, projection.from]).asParameter(),
          zeros([projection.to]).asParameter(),
        ];
        const gradient = zeros([rows, projection.to]);
        const enqueue = (): void => {
          backward(linear(x, weight, bias), gradient);
          forget(weight, bias);
        };
        return { enqueue, held: [x, weight, bias, gradient] };
      },
    },
    {
      label: `AdamW, ${projection.from} x ${projection.to}`,
      prepare: () => {
        const parameter = zeros([projection.to, projection.from]).asParameter();
        parameter.grad = zeros([projection.to, projection.from]);
        const optimizer = new AdamW([{ parameters: [parameter], learningRate: 1e-3 }]);
        return {
          enqueue: () => scope(() => optimizer.step()),
          held: [parameter, parameter.grad, optimizer],
        };
      },
    },
  ];
}

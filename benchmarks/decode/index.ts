import { generate, type LanguageModel, loadLanguageModel } from '@ocelli/backbones';
import { device, noGrad, Random, scope, tensor, type WeightType } from '@ocelli/ops';
import type { Contender } from '../harness/case.js';
import type { Bench, Suite } from '../harness/suite.js';
import { openTorch } from '../peers/torch.js';
import { writeModelFiles } from '../step/model-files.js';
import { optConfig } from '../step/settings.js';

const promptTokens = 32;
const newTokens = 64;
const prefillTokens = 256;
/** Greedy decoding is the same work if this many tokens are the same; later ones may follow from two that are as likely. */
const sameTokens = 16;

/** How the weights may be kept, and the bytes of one; the first is the one that peers are asked for. */
const weightBytes = { float32: 4, bfloat16: 2, int8: 1 } as const satisfies Partial<
  Record<WeightType, number>
>;

const { hidden_size: width, ffn_dim: feedForward, num_hidden_layers: layers, vocab_size: words } = optConfig;
/** Weights of all products but the head's. */
const blockWeights = layers * (4 * width * width + 2 * width * feedForward);

function prompt(tokens: number): number[] {
  const random = new Random(tokens);
  return [optConfig.bos_token_id, ...Array.from({ length: tokens - 1 }, () => 4 + random.integer(words - 4))];
}

function timed(work: () => Promise<unknown>): Contender {
  return {
    name: 'ocelli',
    async run(repeats) {
      const start = performance.now();
      for (let i = 0; i < repeats; i++) await work();
      return (performance.now() - start) / 1000;
    },
    async release() {
      await device.emptyCache();
    },
  };
}

/** The ids that follow the prompt; no token ends the text. */
async function decode(model: LanguageModel): Promise<number[]> {
  const prompts = [prompt(promptTokens)];
  const [found] = await generate(model, { prompts, maxNewTokens: newTokens, endId: [] });
  return found!.ids;
}

async function prefill(model: LanguageModel): Promise<void> {
  const ids = Int32Array.from(prompt(prefillTokens));
  const input = {
    batch: 1,
    tokens: prefillTokens,
    ids,
    mask: new Uint8Array(prefillTokens).fill(1),
  };
  const cache = model.createCache();
  const logitRows = Int32Array.of(prefillTokens - 1);
  scope(() => noGrad(() => void model.forward({ input, cache, logitRows: tensor(logitRows) })));
  cache.dispose();
  await device.synchronize();
}

type Peers = (
  name: string,
  threads: number,
  sizes: { prompt: string; newTokens?: number },
) => Promise<Contender[]>;

async function measureDecoding(
  bench: Bench,
  model: LanguageModel,
  dtype: keyof typeof weightBytes,
  peers: Peers,
): Promise<void> {
  for (const threads of bench.threads) {
    await bench.measure({
      family: 'decode',
      label: `OPT-125M, ${dtype}, ${newTokens} tokens after ${promptTokens}`,
      threads,
      // Every token needs every weight once; the cache of keys and values is small beside them.
      bytes: newTokens * weightBytes[dtype] * (blockWeights + words * width),
      traffic: 'read',
      samples: 3,
      seconds: 30,
      extra: (seconds) => ({ tokensPerSecond: newTokens / seconds }),
      contenders: async () => [
        timed(() => decode(model)),
        ...(await peers('decode', threads, { prompt: prompt(promptTokens).join(' '), newTokens })),
      ],
    });
    await bench.measure({
      family: 'decode',
      label: `OPT-125M, ${dtype}, first pass over ${prefillTokens} tokens`,
      threads,
      // Of the causal mask only the seen half counts; the head sees one row.
      operations:
        2 * prefillTokens * blockWeights + layers * 2 * prefillTokens ** 2 * width + 2 * words * width,
      samples: 5,
      seconds: 10,
      extra: (seconds) => ({ tokensPerSecond: prefillTokens / seconds }),
      contenders: async () => [
        timed(() => prefill(model)),
        ...(await peers('prefill', threads, { prompt: prompt(prefillTokens).join(' ') })),
      ],
    });
  }
}

/** OPT-125M (random weights), one text at a time, with weights of several types, beside transformers. */
export const decoding: Suite = {
  name: 'decode',
  about: 'OPT-125M, batch 1: 64 tokens after 32, greedily, and the first pass over 256',
  async run(bench) {
    if (bench.barsOnly) return; // no bar is about it
    const files = await writeModelFiles(process.env.OCELLI_BENCH_MODELS || undefined);
    try {
      const { python } = bench;
      const torch = python === undefined ? null : await bench.start('transformers', () => openTorch(python));
      for (const dtype of Object.keys(weightBytes) as (keyof typeof weightBytes)[]) {
        const model = loadLanguageModel(files.languageModel, { dtype });
        try {
          await measureDecoding(bench, model, dtype, async (name, threads, sizes) => {
            if (!torch || dtype !== 'float32') return [];
            const others = await torch.contenders({
              case: name,
              threads,
              languageModel: files.languageModel,
              ...sizes,
            });
            if (name === 'decode') await checkSameTokens(model, others, torch);
            return others;
          });
        } finally {
          model.dispose();
        }
      }
    } finally {
      files.remove();
    }
  },
  bars: {},
};

async function checkSameTokens(
  model: LanguageModel,
  others: readonly Contender[],
  torch: Awaited<ReturnType<typeof openTorch>>,
): Promise<void> {
  const ours = (await decode(model)).slice(0, sameTokens);
  for (const { name } of others) {
    const theirs = (await torch.evaluate(name)).slice(0, sameTokens);
    if (theirs.join() !== ours.join())
      throw new Error(`[decode] not the same work: ocelli says ${ours}, ${name} ${theirs}`);
  }
}

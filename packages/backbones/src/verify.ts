import {
  backward,
  formatShape,
  full,
  type HostArray,
  noGrad,
  OcelliError,
  readSafetensorsArrays,
  type Shape,
  sameShape,
  scope,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { loadBackbone } from './load.js';
import type { Encoder } from './model/encoder.js';
import type { EncoderDecoder, EncoderDecoderInput } from './model/encoder-decoder.js';
import type { LanguageModel, LanguageModelInput, TokenBatch } from './model/language-model.js';
import type { BackboneOptions } from './model/weights.js';

/** How one tensor of a fixture compares. */
export interface VerificationRow {
  /** Its name in the fixture: `hidden_states.3`, `logits`, `grad.pixel_values`, ... */
  readonly name: string;
  readonly shape: Shape;
  /** Largest absolute difference / largest absolute expected value, over attended positions. */
  readonly relativeError: number;
  /** The relative error is within the tolerance. */
  readonly ok: boolean;
}

type Fixture = ReadonlyMap<string, HostArray>;

interface Computed {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/**
 * Compares a checkpoint with what its original implementation computed. The fixture, a safetensors file, holds inputs and
 * expected outputs under the names of transformers:
 *
 * - a language model: `input_ids`, `attention_mask` (all ones if absent), `labels` for `loss` (mean cross-entropy of the
 *   next token, -100 is ignored); `hidden_states.N` (0 is the first block's input), `last_hidden_state`, `logits`,
 *   `loss`, and `grad.inputs_embeds` of the loss;
 * - an encoder-decoder model: `input_ids`, `attention_mask`, `decoder_input_ids`, `decoder_attention_mask` (all ones if
 *   absent), `labels` for `loss` (one for each decoder position); `encoder_hidden_states.N`, `encoder_last_hidden_state`,
 *   `decoder_hidden_states.N`, `last_hidden_state` (the decoder's), `logits`, `loss`, and `grad.inputs_embeds` and
 *   `grad.decoder_inputs_embeds` of the loss;
 * - an encoder: `pixel_values` of pictures `[batch, channels, height, width]` and videos `[batch, frames, channels, height,
 *   width]`, `input_values` `[batch, frames, bins]` (AST) or `input_features` `[batch, bins, frames]` (Whisper);
 *   `hidden_states.N` (all before the final norm), `last_hidden_state`, `pooler_output`, and `grad.` of the input for the
 *   mean of `last_hidden_state`.
 *
 * Any part of the outputs may be left out. Values at padding are not compared.
 *
 * @param directory the checkpoint's folder.
 * @param fixture the path of the safetensors file.
 * @param options.tolerance of the relative error, 1e-4 by default.
 * @returns a row per expected tensor.
 */
export async function verifyBackbone(
  directory: string,
  fixture: string,
  options: { readonly tolerance?: number } = {},
): Promise<VerificationRow[]> {
  const stored = readSafetensorsArrays(fixture);
  const backbone = loadBackbone(directory, sizeOfInput(stored));
  try {
    if (backbone.kind === 'encoder') {
      const computed = await runEncoder(backbone.model, stored, fixture);
      const { inputName } = backbone.model.config;
      return compare(stored, computed, [inputName], () => null, fixture, options.tolerance);
    }
    const input = tokenBatch(stored, fixture, '');
    if (backbone.kind === 'encoderDecoder') {
      const decoderInput = tokenBatch(stored, fixture, 'decoder_');
      const computed = await runEncoderDecoder(backbone.model, { input, decoderInput }, stored, fixture);
      const ofEncoder = (name: string): boolean => /^encoder_|^grad.inputs/.test(name);
      const attended = (name: string): Uint8Array => (ofEncoder(name) ? input : decoderInput).mask;
      return compare(stored, computed, encoderDecoderInputs, attended, fixture, options.tolerance);
    }
    const computed = await runLanguageModel(backbone.model, input, stored, fixture);
    const inputs = ['input_ids', 'attention_mask', 'labels'];
    return compare(stored, computed, inputs, () => input.mask, fixture, options.tolerance);
  } finally {
    backbone.model.dispose();
  }
}

/** Inputs of another size than the checkpoint's are for its positions to be interpolated. */
function sizeOfInput(stored: Fixture): BackboneOptions {
  const shape = stored.get('pixel_values')?.shape ?? [];
  if (shape.length === 5) return { frames: shape[1]! };
  return shape.length === 4 ? { imageSize: [shape[2]!, shape[3]!] } : {};
}

async function runLanguageModel(
  model: LanguageModel,
  input: TokenBatch,
  stored: Fixture,
  fixture: string,
): Promise<Map<string, Computed>> {
  const { batch, tokens, ids } = input;
  const labels =
    stored.has('loss') || stored.has('grad.inputs_embeds') ? needed(stored, 'labels', fixture) : null;
  const lossOf = (call: LanguageModelInput): Tensor => model.loss(call, tensor(nextTokens(labels!, tokens)));
  const computed = await read(
    scope(() =>
      noGrad(() => {
        const output = model.forward({ input, outputHiddenStates: true });
        return {
          ...numbered('hidden_states', output.hiddenStates),
          last_hidden_state: output.lastHiddenState,
          logits: output.logits,
          ...(labels ? { loss: lossOf({ input }) } : {}),
        };
      }),
    ),
  );
  if (stored.has('grad.inputs_embeds')) {
    using embeddings = scope(() => model.embed(tensor(ids, [batch, tokens]))).asParameter();
    scope(() => backward(lossOf({ input, inputEmbeddings: embeddings })));
    computed.set('grad.inputs_embeds', await readGradient(embeddings));
  }
  return computed;
}

const encoderDecoderInputs = [
  'input_ids',
  'attention_mask',
  'decoder_input_ids',
  'decoder_attention_mask',
  'labels',
];

async function runEncoderDecoder(
  model: EncoderDecoder,
  { input, decoderInput }: { readonly input: TokenBatch; readonly decoderInput: TokenBatch },
  stored: Fixture,
  fixture: string,
): Promise<Map<string, Computed>> {
  const gradients = ['grad.inputs_embeds', 'grad.decoder_inputs_embeds'].filter((name) => stored.has(name));
  const labels =
    stored.has('loss') || gradients.length > 0
      ? Int32Array.from(needed(stored, 'labels', fixture).data)
      : null;
  const lossOf = (call: EncoderDecoderInput): Tensor => model.loss(call, tensor(labels!));
  const computed = await read(
    scope(() =>
      noGrad(() => {
        const encoded = model.encode({ input, outputHiddenStates: true });
        const output = model.forward({ memory: encoded.memory, decoderInput, outputHiddenStates: true });
        return {
          ...numbered('encoder_hidden_states', encoded.hiddenStates),
          encoder_last_hidden_state: encoded.lastHiddenState,
          ...numbered('decoder_hidden_states', output.hiddenStates),
          last_hidden_state: output.lastHiddenState,
          logits: output.logits,
          ...(labels ? { loss: lossOf({ input, decoderInput }) } : {}),
        };
      }),
    ),
  );
  if (gradients.length > 0) {
    const embed = ({ ids, batch, tokens }: TokenBatch): Tensor =>
      scope(() => model.embed(tensor(ids, [batch, tokens]))).asParameter();
    using inputEmbeddings = embed(input);
    using decoderInputEmbeddings = embed(decoderInput);
    scope(() => backward(lossOf({ input, inputEmbeddings, decoderInput, decoderInputEmbeddings })));
    computed.set('grad.inputs_embeds', await readGradient(inputEmbeddings));
    computed.set('grad.decoder_inputs_embeds', await readGradient(decoderInputEmbeddings));
  }
  return computed;
}

async function runEncoder(model: Encoder, stored: Fixture, fixture: string): Promise<Map<string, Computed>> {
  const { inputName } = model.config;
  const { data, shape } = needed(stored, inputName, fixture);
  using input = tensor(data, shape, 'float32').asParameter();
  const computed = await read(
    scope(() =>
      noGrad(() => {
        const output = model.forward(input, { outputHiddenStates: true });
        return {
          ...numbered('hidden_states', output.hiddenStates),
          last_hidden_state: output.lastHiddenState,
          ...(output.pooled ? { pooler_output: output.pooled } : {}),
        };
      }),
    ),
  );
  const gradientName = `grad.${inputName}`;
  if (stored.has(gradientName)) {
    scope(() => {
      const { lastHiddenState } = model.forward(input);
      backward(lastHiddenState, full(lastHiddenState.shape, 1 / lastHiddenState.size));
    });
    computed.set(gradientName, await readGradient(input));
  }
  return computed;
}

/** One row per tensor of the fixture that is no input, in the order of the computation. */
function compare(
  stored: Fixture,
  computed: ReadonlyMap<string, Computed>,
  inputs: readonly string[],
  attended: (name: string) => Uint8Array | null,
  fixture: string,
  tolerance = 1e-4,
): VerificationRow[] {
  for (const name of stored.keys()) {
    if (computed.has(name) || inputs.includes(name)) continue;
    throw new OcelliError(
      'verify',
      `${fixture} expects ${name}, which is not among ${[...computed.keys()].join(', ')}; take it out of the fixture`,
    );
  }
  const rows: VerificationRow[] = [];
  for (const [name, actual] of computed) {
    const expected = stored.get(name);
    if (!expected) continue;
    if (!sameShape(actual.shape, expected.shape)) {
      throw new OcelliError(
        'verify',
        `${fixture} expects ${name} of shape ${formatShape(expected.shape)}, the model gives ${formatShape(actual.shape)}`,
      );
    }
    const mask = actual.shape.length >= 2 ? attended(name) : null;
    const relativeError = relativeDifference(actual.data, expected.data, mask);
    rows.push({ name, shape: actual.shape, relativeError, ok: relativeError <= tolerance });
  }
  if (rows.length > 0) return rows;
  throw new OcelliError(
    'verify',
    `${fixture} holds no expected tensor; it may hold ${[...computed.keys()].join(', ')}`,
  );
}

/** NaN if anything is; the absolute difference where all that is expected is zero. */
function relativeDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  attended: Uint8Array | null,
): number {
  const inner = attended ? actual.length / attended.length : actual.length;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < actual.length; i++) {
    if (attended && !attended[Math.floor(i / inner)]) continue;
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return scale > 0 ? difference / scale : difference;
}

function needed(stored: Fixture, name: string, fixture: string): HostArray {
  const found = stored.get(name);
  if (found) return found;
  throw new OcelliError('verify', `${fixture} has no ${name}, which this checkpoint needs as input; add it`);
}

/** @param prefix of the names: of the decoder's text `decoder_`. */
function tokenBatch(stored: Fixture, fixture: string, prefix: '' | 'decoder_'): TokenBatch {
  const name = `${prefix}input_ids`;
  const { data, shape } = needed(stored, name, fixture);
  if (shape.length !== 2) {
    throw new OcelliError('verify', `${fixture}: ${name} must be [batch, tokens], got ${formatShape(shape)}`);
  }
  const mask = stored.get(`${prefix}attention_mask`)?.data ?? new Uint8Array(data.length).fill(1);
  return { batch: shape[0]!, tokens: shape[1]!, ids: Int32Array.from(data), mask: Uint8Array.from(mask) };
}

/** What each position has to predict: the label of the next one, nothing at the end of a row. */
function nextTokens({ data }: HostArray, tokens: number): Int32Array {
  return Int32Array.from(data, (_, i) => ((i + 1) % tokens === 0 ? -100 : data[i + 1]!));
}

function numbered(name: string, hiddenStates: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(hiddenStates.map((state, index) => [`${name}.${index}`, state]));
}

/** Copies tensors to the host and frees them. */
async function read(tensors: Readonly<Record<string, Tensor>>): Promise<Map<string, Computed>> {
  const computed = new Map<string, Computed>();
  for (const [name, value] of Object.entries(tensors)) {
    computed.set(name, { data: await value.data(), shape: value.shape });
  }
  for (const value of new Set(Object.values(tensors))) value.dispose();
  return computed;
}

async function readGradient(leaf: Tensor): Promise<Computed> {
  return { data: await leaf.grad!.data(), shape: leaf.shape };
}

import type { TokenBatch } from '@ocelli/backbones';
import type { LearntText } from '../text/documents.js';
import type { EncodeText } from '../tokenizer/make-tokenizer.js';
import { beginId, padId } from '../tokenizer/special-tokens.js';

/** Token ids, and from which of them on the model learns to say them. */
export interface TokenSequence {
  readonly ids: readonly number[];
  /** Index of the first learnt token; at least 1. */
  readonly firstTarget: number;
}

/** A padded batch with the positions that are learnt. */
export interface LearntBatch {
  readonly input: TokenBatch;
  /** Rows of the flattened `[batch * tokens]` positions that predict a target. */
  readonly rows: Int32Array;
  /** `targets[i]` is the token that follows position `rows[i]`. */
  readonly targets: Int32Array;
}

/** `{context}</s>{prompt}{target}</s>` in tokens. */
export function encodeLearntText({ context, prompt, target }: LearntText, encode: EncodeText): TokenSequence {
  const before = [...(context ? encode(context) : []), beginId, ...encode(prompt)];
  return { ids: [...before, ...encode(target), beginId], firstTarget: before.length };
}

/** Pads on the right. */
export function padSequences(sequences: readonly (readonly number[])[]): TokenBatch {
  const tokens = Math.max(...sequences.map(({ length }) => length));
  const ids = new Int32Array(sequences.length * tokens).fill(padId);
  const mask = new Uint8Array(ids.length);
  for (const [i, sequence] of sequences.entries()) {
    ids.set(sequence, i * tokens);
    mask.fill(1, i * tokens, i * tokens + sequence.length);
  }
  return { batch: sequences.length, tokens, ids, mask };
}

/** A batch of sequences of which everything from `firstTarget` on is learnt; the last token is never an input. */
export function learntBatch(sequences: readonly TokenSequence[]): LearntBatch {
  const input = padSequences(sequences.map(({ ids }) => ids.slice(0, -1)));
  const rows: number[] = [];
  const targets: number[] = [];
  for (const [i, { ids, firstTarget }] of sequences.entries()) {
    for (let token = firstTarget; token < ids.length; token++) {
      rows.push(i * input.tokens + token - 1);
      targets.push(ids[token]!);
    }
  }
  return { input, rows: Int32Array.from(rows), targets: Int32Array.from(targets) };
}

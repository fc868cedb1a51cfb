import type { AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { emojiVoices, type VoiceSplit } from '@ocelli/emoji-voices';
import { keep, noGrad, reshape, scope, slice, type Tensor, tensor } from '@ocelli/ops';
import { rightAnswers } from '../training/right-answers.js';
import { makeProcessor } from './filter-bank.js';
import type { PretrainingHeads } from './heads.js';
import { emptyBatch, labelRecording, type SoundBatch } from './mix.js';
import type { AudioModelOptions } from './options.js';

/** Fractions of recordings whose thing, speaker and repetition the pretraining heads name rightly. */
export interface Scores {
  readonly concept: number;
  readonly speaker: number;
  readonly repetition: number;
}

const recordings = 240;

/** Recordings of the data set as the published model hears them, none of which training hears: their ids have another seed. */
export async function recordBatches(
  split: VoiceSplit,
  options: AudioModelOptions,
  labels: ReadonlyMap<number, number>,
): Promise<SoundBatch[]> {
  const size = options.recordingBatchSize;
  const processor = makeProcessor(options);
  const count = Math.ceil(recordings / size);
  const dataset = emojiVoices({ split, seed: options.seed + 1, size: count * size });
  const batches = Array.from({ length: count }, () => emptyBatch(size, false, options));
  for (let index = 0; index < dataset.length; index++) {
    const { media, utterance } = await dataset.sample(index);
    const { data } = await processor.process(await media.audio.render());
    const batch = batches[Math.floor(index / size)]!;
    batch.spectrograms.set(data, (index % size) * data.length);
    labelRecording(batch, index % size, utterance, labels);
  }
  return batches;
}

/** Scores on recordings as the data set has them. */
export async function scoreBatches(
  model: AudioSpectrogramTransformerModel,
  heads: PretrainingHeads,
  batches: readonly SoundBatch[],
  { frames, bins, width }: AudioModelOptions,
): Promise<Scores> {
  const right = { concept: 0, speaker: 0, repetition: 0 };
  for (const batch of batches) {
    const logits = scope(() =>
      noGrad(() => {
        const { lastHiddenState } = model.forward(tensor(batch.spectrograms, [batch.size, frames, bins]));
        return heads.read(reshape(slice(lastHiddenState, 1, 0, 1), [batch.size, width]));
      }),
    );
    const targets = { concept: batch.concepts, speaker: batch.speakers, repetition: batch.repetitions };
    for (const name of ['concept', 'speaker', 'repetition'] as const) {
      const scores: Tensor = keep(logits[name]);
      right[name] += rightAnswers((await scores.data()) as Float32Array, targets[name]);
      scores.dispose();
    }
  }
  const all = batches.reduce((sum, { size }) => sum + size, 0);
  return { concept: right.concept / all, speaker: right.speaker / all, repetition: right.repetition / all };
}

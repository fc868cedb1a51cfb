import { trainingVoices } from '@ocelli/emoji-voices';
import type { AudioModelOptions } from './options.js';
import type { Scores } from './score.js';
import type { TrainingReport } from './train.js';

/** What a run came to, as `training.json` keeps it. */
export interface AudioResults extends TrainingReport {
  /** Speaking the words of the bank. */
  readonly bankSeconds: number;
  /** On recordings of the training voices that it was not trained on. */
  readonly training: Scores;
  readonly validation: Scores;
}

const percent = (value: number): string => (100 * value).toFixed(1);

/** The model card, every number from the run. @param things how many things it learnt to tell apart */
export function modelCard(
  { options, results }: { options: AudioModelOptions; results: AudioResults },
  parameters: number,
  things: number,
  command: string,
): string {
  const row = (name: string, { concept, speaker, repetition }: Scores): string =>
    `| ${name} | ${percent(concept)} | ${percent(speaker)} | ${percent(repetition)} |`;
  const minutes = (seconds: number): string => (seconds / 60).toFixed(0);
  return `---
license: mit
pipeline_tag: audio-classification
---
# A small AST, trained on synthetic voices and numbers

${options.layers} layers, ${options.width} wide, ${options.heads} heads; ${options.frames} frames of ${options.bins} mel bins (${((options.frames + 1.5) / 100).toFixed(1)} seconds), patches of ${options.patchSize} x ${options.patchSize}, a new one every ${options.timeStride} frames:
${parameters.toLocaleString('en-US')} parameters in bfloat16. Made for Ocelli's demo, where it stays frozen. It never read a word, and it is far too small for anything else.

Files are in Hugging Face's layout (\`ASTModel\`). It hears 16,000 samples per second.

## Sounds

Things and voices are those of recordings of \`@ocelli/emoji-voices\`, split \`train\` (${trainingVoices.length} voices; combinations held out as \`unseen-pair\` excepted), two of three with
the \`demo\` set's things, the others with those of the \`${options.concepts}\` set. eSpeak NG says every thing in every training voice beforehand, those of \`demo\` in ${options.accentsOfDemo} of eight accents, others in ${options.accentsOfOthers};
recordings are mixed of these in energies of the filter bank. From plain (none) to full strength over the first ${percent(options.rampUntil)} % of the steps they are varied in the
length of the vocal tract (12 %), speed (20 %), colour, and by SpecAugment; loudness, noise and places always vary.
At first it hears only the ${((options.sayingColumns - 1) * options.timeStride + options.patchSize) * 10} ms around one saying, and is not asked how often it is said. The share of steps that play whole recordings
grows with the square of the progress. Labels are class numbers: which of ${things} things, who speaks, how often; and for every patch, which thing is said under it.

## Recipe

\`${command}\`, ${results.steps.toLocaleString('en-US')} steps of ${options.sayingBatchSize} sayings or ${options.recordingBatchSize} recordings, ${results.recordings.toLocaleString('en-US')} in all, ${minutes(results.seconds)} minutes on ${options.threads} thread${options.threads === 1 ? '' : 's'} after ${minutes(results.bankSeconds)} minutes of
speaking. AdamW, learning rate ${options.learningRate} (${options.warmUpSteps} steps of warm-up, cosine down to a twentieth), weight decay ${options.weightDecay}, gradient norm at most ${options.clip}, seed ${options.seed},
float32. Positions are fixed sines and cosines.

## Scores

Right in % by the pretraining heads, on \`demo\` recordings that it was not trained on:

| voices | thing (of ${things}) | speaker | repetition |
|---|---:|---:|---:|
${row('of the training set', results.training)}
${row('Storm, antonio, Andrea, Annie, never trained on', results.validation)}

The family \`unseen-voice\` was not listened to.

## Licence

Model and recipe: MIT. The voices it was trained on are those of eSpeak NG (GPL-3.0), which is needed to make the model again, not to use it.
`;
}

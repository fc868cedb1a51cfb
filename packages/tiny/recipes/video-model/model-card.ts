import type { TimesformerConfig } from '@ocelli/backbones';
import { drawingShares } from '../vision-model/more-drawings.js';
import type { VideoModelOptions } from './options.js';
import type { Scores } from './score.js';
import type { TrainingReport } from './train.js';

/** What a run came to, as `training.json` keeps it. */
export interface VideoResults {
  readonly onFrames: TrainingReport;
  readonly onClips: TrainingReport;
  /** On clips of the training artists that it was not trained on, by block, shallowest first. */
  readonly training: readonly Scores[];
  readonly validation: readonly Scores[];
}

const percent = (value: number): string => (100 * value).toFixed(1);
const whole = (value: number): string => value.toLocaleString('en-US');

/** A run of the recipe, as `training.json` keeps it. */
export interface VideoRun {
  readonly command: string;
  readonly options: VideoModelOptions;
  readonly results: VideoResults;
}

function recipeOf({ command, options, results }: VideoRun): string {
  const { onFrames, onClips } = results;
  const minutes = ({ seconds }: TrainingReport): number => Math.round(seconds / 60);
  return `It begins as [the vision model](../vision-model/README.md), which first learns ${whole(onFrames.clips)} single frames of such clips (${whole(onFrames.steps)} steps, ${minutes(onFrames)} minutes).
Then attention over time is put in, as TimeSformer's authors do: a copy of the attention over space, behind a linear of zeros. There follow ${whole(onClips.steps)} steps of
${options.batchSize} clips, ${whole(onClips.clips)} in all, ${minutes(onClips)} minutes on one core of the (busy) machine that made it.
\`${command}\`: AdamW, learning rate ${options.learningRate} (${options.warmUpSteps} steps of warm-up, cosine down to a twentieth), ${options.spatialRate} times
that for what the vision model knew, weight decay ${options.weightDecay}, gradient norm at most ${options.clip}, losses about motions times ${options.motionLoss}, seed ${options.seed}, float32.`;
}

/** The model card, every number from the run. @param things how many things it learnt to tell apart */
export function modelCard(
  run: VideoRun,
  { layers, width, heads, patchSize, imageSize, frames }: TimesformerConfig,
  { parameters, things }: { readonly parameters: number; readonly things: number },
): string {
  const { options, results } = run;
  const row = (name: string, blocks: readonly Scores[]): string[] =>
    blocks.map(({ concept, motion, background }, place) => {
      const block = layers - blocks.length + place + 1;
      return `| ${name} | ${block} | ${percent(concept)} | ${percent(motion)} | ${percent(background)} |`;
    });
  return `---
license: mit
pipeline_tag: video-classification
---
# A small TimeSformer, trained on moving drawings and numbers

${layers} layers with divided attention over space and time, ${width} wide, ${heads} heads, ${frames} frames of ${imageSize} x ${imageSize} in patches of ${patchSize}: ${whole(parameters)} parameters in
bfloat16. Made for Ocelli's demo, where it stays frozen. It never saw a word, and it is far too small for anything else.

Files are in Hugging Face's layout (\`TimesformerModel\`). Inputs are normalised so that white is 0.

## Clips

Those of \`emojiClips\` in \`@ocelli/emoji-scenes\`, split \`train\` (six artists; combinations held out as \`unseen-pair\` excepted), two of three with the \`demo\` set's
things, the others with those of the \`${options.concepts}\` set. Augmented in place, size, turn, proportions, mirror and colours, ${percent(options.variation)} % as far as the vision model's pictures.
In ${percent(drawingShares.coloured)} % of them a drawing of another emoji set, in ${percent(drawingShares.silhouette)} % a silhouette filled with any colour, takes the place of the artist's where there is one.
Labels are numbers: which of ${things} things, which of ten motions, which background; for every patch of every frame, which thing it shows, and how much of it is covered
in each of the frames.

## Recipe

Thing, motion and background are read off the class token of each of the last ${options.readBlocks} blocks, by heads that are thrown away.

${recipeOf(run)}

## Scores

Right in % by the training heads, on \`demo\` clips that it was not trained on:

| artists | block | thing (of ${things}) | motion (of 10) | background |
|---|---:|---:|---:|---:|
${[...row('of the training set', results.training), ...row('emojione, never trained on', results.validation)].join('\n')}

Microsoft's sets (\`unseen-artist\`) were not looked at.

## Licence

Model and recipe: MIT. The drawings keep their artists' licences; the vision model's card lists the packages.
`;
}

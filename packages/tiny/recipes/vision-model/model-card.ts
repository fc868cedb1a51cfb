import { drawingShares } from './more-drawings.js';
import type { VisionModelOptions } from './options.js';
import type { Scores } from './score.js';
import type { TrainingReport } from './train.js';

/** What a run came to, as `training.json` keeps it. */
export interface VisionResults extends TrainingReport {
  /** On scenes of the training artists that it was not trained on. */
  readonly training: Scores;
  readonly validation: Scores;
}

const percent = (value: number): string => (100 * value).toFixed(1);

/** The model card, every number from the run. @param things how many things it learnt to tell apart */
export function modelCard(
  { options, results }: { options: VisionModelOptions; results: VisionResults },
  parameters: number,
  things: number,
  command: string,
): string {
  const row = (name: string, { concept, count, background }: Scores): string =>
    `| ${name} | ${percent(concept)} | ${percent(count)} | ${percent(background)} |`;
  return `---
license: mit
pipeline_tag: image-feature-extraction
---
# A small ViT, trained on drawings and numbers

${options.layers} layers, ${options.width} wide, ${options.heads} heads, patches of ${options.patchSize} in pictures of ${options.imageSize} x ${options.imageSize}:
${parameters.toLocaleString('en-US')} parameters in bfloat16. Made for Ocelli's demo, where it stays frozen. It never saw a word, and it is far too small for anything else.

Files are in Hugging Face's layout (\`ViTModel\` without pooler). Inputs are normalised so that white is 0.

## Pictures

Scenes of \`@ocelli/emoji-scenes\`, split \`train\` (six artists; combinations held out as \`unseen-pair\` excepted), two of three with the ${'`demo`'} set's things,
the others with those of the \`${options.concepts}\` set. Augmented in place, size, turn, proportions, mirror and colours, from the canonical view (none) to full strength over the first ${percent(options.rampUntil)} % of the steps.
In ${percent(drawingShares.coloured)} % of the pictures a drawing of another emoji set, in ${percent(drawingShares.silhouette)} % a silhouette filled with any colour, takes the place of the artist's where there is one
(\`recipes/vision-model/more-drawings.json\`, chosen by eye): the data set itself does not have them.
At first it sees only the quarter of a picture around its first copy, and is not asked how many there are: so it meets single copies, seen without the rest of the picture, of
things whose "one" is held out too. The share of steps that show whole scenes grows with the square of the progress.
Labels are class numbers: which of ${things} things, how many, which background; and for every patch, which thing it shows.

## Recipe

\`${command}\`, ${results.steps.toLocaleString('en-US')} steps of ${options.quarterBatchSize} quarters or ${options.sceneBatchSize} scenes, ${results.pictures.toLocaleString('en-US')} pictures in all, ${Math.round(results.seconds / 60)} minutes on the (busy) machine that made it. AdamW, learning rate ${options.learningRate}
(${options.warmUpSteps} steps of warm-up, cosine down to a twentieth), weight decay ${options.weightDecay}, gradient norm at most ${options.clip}, seed ${options.seed}, float32. Positions are fixed sines and cosines.

## Scores

Right in % by the pretraining heads, on ${'`demo`'} scenes that it was not trained on:

| artists | thing (of ${things}) | number | background |
|---|---:|---:|---:|
${row('of the training set', results.training)}
${row('emojione, never trained on', results.validation)}

Microsoft's sets (\`unseen-artist\`) were not looked at.

## Licence

Model and recipe: MIT. The drawings it was trained on keep their artists' licences (Apache-2.0, CC BY 4.0, CC BY-SA 4.0), listed in
\`@ocelli/emoji-scenes\`; the others, from \`@iconify-json\` packages: Streamline Emojis (CC BY 4.0), Game-icons (CC BY 3.0), Material Design Icons (Apache-2.0),
Phosphor (MIT), Font Awesome 6 Free (CC BY 4.0), IconPark (Apache-2.0).
`;
}

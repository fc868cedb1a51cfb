import type { LanguageModel } from '@ocelli/backbones';
import { Random as TextRandom } from '@ocelli/emoji-scenes';
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
import { isHeldOutShown, type Medium, type Shown, showRandomly } from '../media/medium.js';
import type { Thing } from '../text/things.js';
import type { OpenTokenizer } from '../tokenizer/make-tokenizer.js';
import { beginId } from '../tokenizer/special-tokens.js';
import { encodeLearntText, learntBatch } from '../training/sequences.js';
import { slotHook } from '../training/slot.js';
import { decodeGreedily } from './decode-greedily.js';

const steps = 300;
const shownPerStep = 64;
const learningRate = 1e-2;

/** One trainable vector per thing and per value of each fact; a slot is the sum of its own. */
class Vectors {
  readonly tables: readonly Tensor[];
  readonly #things: readonly Thing[];

  constructor(things: readonly Thing[], medium: Medium, width: number, random: Random) {
    this.#things = things;
    this.tables = [things.length, ...medium.values].map((rows) =>
      normal(random, [rows, width], 0.3).asParameter(),
    );
  }

  /** `[list, 1, width]` */
  slots(list: readonly Shown[]): Tensor {
    const rows = list.map(({ thing, chosen }) => [this.#things.indexOf(thing), ...chosen]);
    const sum = this.tables
      .map((table, i) => embedding(table, tensor(Int32Array.from(rows, (row) => row[i]!))))
      .reduce((a, b) => add(a, b));
    return reshape(sum, [list.length, 1, this.tables[0]!.shape[1]!]);
  }
}

/**
 * How well the frozen model can be steered by one injected vector at best: the vector is a linear function of perfect
 * features (which thing, which value of each fact), trained on captions of combinations that are not held out. What an
 * adapter reaches with real features stays below.
 *
 * @returns the share of exactly right captions on `heldOut`, 0 to 1.
 */
export async function scoreSteering(
  model: LanguageModel,
  { tokenizer, encode }: OpenTokenizer,
  things: readonly Thing[],
  heldOut: readonly Shown[],
  firstLayer: number,
): Promise<number> {
  const { layers, width } = model.config;
  const { medium } = heldOut[0]!;
  const vectors = new Vectors(things, medium, width, new Random(1));
  const optimizer = new AdamW([{ parameters: vectors.tables, learningRate, weightDecay: 0 }]);
  const random = new TextRandom('steering');
  for (let step = 0; step < steps; step++) {
    optimizer.groups[0]!.learningRate = learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const list: Shown[] = [];
    while (list.length < shownPerStep) {
      const shown = showRandomly(medium, random.pick(things), random);
      if (!isHeldOutShown(shown)) list.push(shown);
    }
    const { input, rows, targets } = learntBatch(
      list.map(({ captions }) => encodeLearntText({ prompt: '', target: captions[0]! }, encode)),
    );
    const loss = scope(() => {
      const hook = slotHook(vectors.slots(list), firstLayer, layers);
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
    (ids, i) => ids.length > 0 && tokenizer.decode(ids) === heldOut[i]!.captions[0],
  );
  for (const table of [slots, ...vectors.tables]) table.dispose();
  return right.length / heldOut.length;
}

import { type BleuScores, bleu } from './bleu.js';
import { checkIds, checkText, checkTexts } from './check-samples.js';
import { cider } from './cider.js';
import { exactMatch } from './exact-match.js';
import { rougeL } from './rouge-l.js';
import { tokenizeCaption } from './tokenize-caption.js';

/** One image with what people and the model wrote about it. */
export interface CaptionSample {
  /** Names the image; may occur once. */
  readonly id: string;
  /** Human captions, at least one. */
  readonly references: readonly string[];
  /** The model's caption; may be empty. */
  readonly hypothesis: string;
}

/** All caption metrics. BLEU and ROUGE-L are fractions 0..1, CIDEr is 0..10. */
export interface CaptionScores extends BleuScores {
  rougeL: number;
  /** As the original code returns it; papers print it x100. */
  cider: number;
  /** Fraction of hypotheses that equal a reference but for case, space and final punctuation. */
  exactMatch: number;
}

/** What {@link evaluateCaptions} returns. */
export interface CaptionEvaluation extends CaptionScores {
  /** Number of samples. */
  count: number;
  /** The same metrics for every sample, in input order. BLEU of the corpus is not the mean of these. */
  perSample: ({ id: string } & CaptionScores)[];
}

/**
 * BLEU-1..4, ROUGE-L, CIDEr and exact match over a caption test set, with the tokenizer and the arithmetic of
 * the COCO caption evaluation (Chen et al., arXiv:1504.00325), without Java.
 *
 * CIDEr weighs n-grams by how many of the given images mention them: pass the whole test set at once. Scores of
 * shards cannot be averaged, and one image alone scores 0.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, references are missing, or a text is no string
 */
export function evaluateCaptions(samples: readonly CaptionSample[]): CaptionEvaluation {
  checkIds('evaluateCaptions', samples);
  const tokenized = samples.map(({ id, references, hypothesis }) => {
    checkText('evaluateCaptions', id, 'hypothesis', hypothesis);
    checkTexts('evaluateCaptions', id, 'references', references);
    return { hypothesis: tokenizeCaption(hypothesis), references: references.map(tokenizeCaption) };
  });
  const { perSample: bleuOfSample, ...corpusBleu } = bleu(tokenized);
  const rouge = rougeL(tokenized);
  const consensus = cider(tokenized);
  const perSample = samples.map(({ id, references, hypothesis }, i) => ({
    id,
    ...bleuOfSample[i]!,
    rougeL: rouge.perSample[i]!,
    cider: consensus.perSample[i]!,
    exactMatch: exactMatch(hypothesis, references) ? 1 : 0,
  }));
  const matched = perSample.reduce((sum, sample) => sum + sample.exactMatch, 0);
  return {
    ...corpusBleu,
    rougeL: rouge.rougeL,
    cider: consensus.cider,
    exactMatch: matched / samples.length,
    count: samples.length,
    perSample,
  };
}

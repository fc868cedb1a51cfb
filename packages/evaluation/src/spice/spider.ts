import { describe, EvaluationError } from '../evaluation-error.js';

/**
 * SPIDEr (Liu et al., ICCV 2017): the mean of CIDEr, as `cider` returns it, and SPICE. Of a corpus or of one sample.
 * Only SPICE makes it SPIDEr; a mean with `tupleFScore` is another number and needs another name.
 *
 * @throws EvaluationError if a score is not a number
 */
export function spider(cider: number, spice: number): number {
  for (const [name, value] of Object.entries({ cider, spice })) {
    if (!Number.isFinite(value)) {
      throw new EvaluationError('spider', `${name} is ${describe(value)}`, 'pass both scores as numbers');
    }
  }
  return (cider + spice) / 2;
}

import type { PeerProcess } from '../peers/peer-process.js';
import type { OurStep } from './our-step.js';

/** Relative difference of losses up to which the work is the same. */
export const lossTolerance = 1e-3;

/**
 * Runs two steps of ours and of each peer, and compares the losses: the first shows that forward is the same, the second,
 * after an update, that backward and AdamW are.
 *
 * @throws Error for a difference above `lossTolerance`, or if the update changed too little to show anything.
 */
export async function checkSameLosses(
  step: OurStep,
  peer: PeerProcess,
  contenders: readonly { readonly name: string }[],
): Promise<void> {
  const ours = [await step.run(), await step.run()];
  if (Math.abs(ours[1]! / ours[0]! - 1) < 2 * lossTolerance)
    throw new Error(`[step] one update only moves the loss from ${ours[0]} to ${ours[1]}: no comparison`);
  for (const { name } of contenders) {
    for (const [index, loss] of ours.entries()) {
      const [theirs] = await peer.evaluate(name);
      const difference = Math.abs(theirs! / loss - 1);
      if (!(difference <= lossTolerance))
        throw new Error(
          `[step] not the same work: the loss of step ${index + 1} is ${loss}, that of ${name} ${theirs}, ` +
            `${lossTolerance} of it may differ`,
        );
    }
  }
}

import sharp from 'sharp';
import type { Timeline } from './sample-times.js';

/** What browsers make of a frame that is to be shown for no longer than 10 ms, in seconds. */
const browserDelay = 0.1;

/**
 * Whether a file (its path) or its bytes are a picture: when its frames appear if it is an animation (GIF, WebP), one time
 * for a still; null for anything else, and for what is not there.
 */
export async function probePicture(input: string | Uint8Array): Promise<Timeline | null> {
  const metadata = await sharp(input)
    .metadata()
    .catch(() => null);
  if (!metadata) return null;
  const delays = (metadata.delay ?? []).map((milliseconds) =>
    milliseconds <= 10 ? browserDelay : milliseconds / 1000,
  );
  if (delays.length < 2) return { times: [0], duration: 0 };
  const times: number[] = [];
  let time = 0;
  for (const delay of delays) {
    times.push(time);
    time += delay;
  }
  return { times, duration: time };
}

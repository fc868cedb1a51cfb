import { expect, it } from 'vitest';
import { distancesBetweenVoices } from '../tools/voice-distances.js';
import { unseenVoices, type Voice, voices } from './voices.js';

it('the unseen voices are nearer to each other than to any other voice', async () => {
  const distance = await distancesBetweenVoices();
  for (const voice of unseenVoices) {
    const nearest = (among: readonly Voice[]) =>
      Math.min(...among.filter((one) => one !== voice).map((one) => distance(voice, one)));
    const others = voices.filter((one) => !unseenVoices.includes(one));
    expect([voice.name, nearest(unseenVoices) < nearest(others)]).toEqual([voice.name, true]);
  }
});

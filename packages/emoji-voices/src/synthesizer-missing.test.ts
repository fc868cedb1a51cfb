import { expect, it, vi } from 'vitest';
import { emojiVoices } from './emoji-voices.js';

vi.mock('@echogarden/espeak-ng-emscripten', () => {
  throw new Error('Cannot find package');
});

it('names the package to install where the synthesiser is not there', async () => {
  const { media } = await emojiVoices({ split: 'train', size: 1 }).sample(0);
  await expect(media.audio.render()).rejects.toThrow(
    /\[emoji-voices\] the synthesiser cannot be loaded .*npm install @echogarden\/espeak-ng-emscripten@/s,
  );
});

import { loadEncoder } from '@ocelli/backbones';
import { audioModelDirectory, videoModelDirectory, visionModelDirectory } from '@ocelli/tiny';
import { describe, expect, it } from 'vitest';
import { dataFromArgument } from './data-from-argument.js';
import { embeddedKeyOf, embeddedNames, splitsOf } from './embedded-data.js';
import { openData } from './open-data.js';

describe('embedded data', () => {
  it.each([
    ['emoji-scenes', 'image', visionModelDirectory],
    ['emoji-clips', 'video', videoModelDirectory],
    ['emoji-voices', 'audio', audioModelDirectory],
  ] as const)('%s:SPLIT holds %s for the embedded encoder', async (name, kind, directory) => {
    const key = embeddedNames[name]!;
    const encoder = loadEncoder(directory);
    for (const split of splitsOf(key)) {
      const { data } = dataFromArgument(`${name}:${split}`, 'validation');
      expect(embeddedKeyOf(data)).toBe(key);
      const dataset = await openData(data, encoder.config);
      const source = (await dataset.sample(3)).media[kind];
      if (source?.kind !== 'rendered') throw new Error('embedded data is rendered');
      const content = await source.render();
      if ('frames' in content) expect(content.frames).toHaveLength(8);
      else if ('samples' in content) expect(content.samples.length).toBeGreaterThan(8000);
      else expect(content.width).toBe(48);
    }
    encoder.dispose();
  });

  it('names the splits where there is no such', () => {
    expect(() => dataFromArgument('emoji-voices:unseen-artist', 'validation')).toThrow('unseen-voice');
    expect(() => dataFromArgument('emoji-clips:trian', 'validation')).toThrow('did you mean "train"');
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from '../src/report/index.js';

const colours = {
  red: [220, 40, 40],
  green: [40, 180, 60],
  blue: [40, 80, 220],
  white: [250, 250, 250],
} as const;

/** A folder of four plain pictures, `red.png` and so on, each with a caption and a question. */
export function makeOwnPictures(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const lines = Object.entries(colours).map(([name, rgb]) => {
    const data = Uint8Array.from({ length: 20 * 20 * 3 }, (_, i) => rgb[i % 3]!);
    writeFileSync(join(directory, `${name}.png`), encodePng({ data, width: 20, height: 20, channels: 3 }));
    return [
      { image: `${name}.png`, caption: name },
      { image: `${name}.png`, question: 'what?', answer: name, type: 'colour' },
    ];
  });
  writeFileSync(
    join(directory, 'captions.jsonl'),
    lines
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
}

// Writes STATISTICS.md: what majority and blind guessing reach on the published data set, and how fast it is drawn.
// Run it with `npx tsx tools/statistics.ts`, then `npx biome format --write STATISTICS.md`.
import { writeFileSync } from 'node:fs';
import { concepts, emojiClips, emojiScenes, splits } from '../src/index.js';

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const lines = ['# Statistics', '', 'Written by `npx tsx tools/statistics.ts`.', '', '## Concepts', ''];
lines.push('| set | concepts | by kind |', '|---|---|---|');
for (const set of ['demo', 'harder', 'all'] as const) {
  const kinds = new Map<string, number>();
  for (const { group } of concepts(set)) kinds.set(group, (kinds.get(group) ?? 0) + 1);
  const list = [...kinds].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`);
  lines.push(`| ${set} | ${concepts(set).length} | ${list.join(', ')} |`);
}

for (const [make, types, title] of [
  [
    emojiScenes,
    ['object', 'count', 'colour', 'kind', 'presence'],
    'How often the most frequent answer is right',
  ],
  [emojiClips, ['object', 'motion', 'colour', 'kind', 'presence'], 'The same of clips'],
] as const) {
  lines.push('', `## ${title}`, '', `| set | split | samples | ${types.join(' | ')} |`);
  lines.push(`|---|---|---|${types.map(() => '---|').join('')}`);
  for (const set of ['demo', 'harder'] as const) {
    for (const split of splits) {
      const dataset = make({ split, concepts: set });
      const counts = new Map(types.map((type): [string, Map<string, number>] => [type, new Map()]));
      for await (const { text } of dataset) {
        for (const { type, answers } of text.questions) {
          const answer = answers[0]!;
          const counted = counts.get(type)!;
          counted.set(answer, (counted.get(answer) ?? 0) + 1);
        }
      }
      const majority = types.map((type) => percent(Math.max(...counts.get(type)!.values()) / dataset.length));
      lines.push(`| ${set} | ${split} | ${dataset.length} | ${majority.join(' | ')} |`);
    }
  }
}

lines.push(
  '',
  '## Time to draw',
  '',
  'Processor time, one thread, means of 2,000 of `demo`: scenes of 64 x 64 pixels, then clips of 8 frames of 48 x 48.',
  '',
);
lines.push(
  '| split | what | first 2,000 (for scenes, packages are read and drawings rasterised) | the same again |',
  '|---|---|---|---|',
);
for (const split of ['train', 'unseen-artist'] as const) {
  const [scenes, clips] = [
    emojiScenes({ split, size: 2000 }),
    emojiClips({ split, size: 2000, imageSize: 48 }),
  ];
  for (const [what, draw] of [
    ['scene', async (i: number) => (await scenes.sample(i)).media.image.render()],
    ['clip', async (i: number) => (await clips.sample(i)).media.video.render()],
  ] as const) {
    const cells: string[] = [];
    for (let pass = 0; pass < 2; pass++) {
      const start = process.cpuUsage();
      for (let i = 0; i < 2000; i++) await draw(i);
      const { user, system } = process.cpuUsage(start);
      cells.push(`${((user + system) / 1000 / 2000).toFixed(2)} ms`);
    }
    lines.push(`| ${split} | ${what} | ${cells.join(' | ')} |`);
  }
}
writeFileSync(new URL('../STATISTICS.md', import.meta.url), `${lines.join('\n')}\n`);

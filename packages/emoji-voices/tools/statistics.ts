// Writes STATISTICS.md: what majority guessing reaches on the published data set, which voices are near to which, and how
// fast recordings are spoken. Run it with `npx tsx tools/statistics.ts` (minutes).
import { writeFileSync } from 'node:fs';
import {
  emojiVoices,
  type UtteranceQuestionType,
  type VoiceSplit,
  voiceSplits,
  voices,
  voicesOf,
} from '../src/index.js';
import { distancesBetweenVoices } from './voice-distances.js';

const types: UtteranceQuestionType[] = ['object', 'speaker', 'repetition', 'kind', 'presence'];
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const lines = ['# Statistics', '', 'Written by `npx tsx tools/statistics.ts`.', ''];

lines.push('## How often the most frequent answer is right', '');
lines.push(
  `| set | split | samples | ${types.join(' | ')} |`,
  `| --- | --- | --- |${types.map(() => ' --- |').join('')}`,
);
for (const set of ['demo', 'harder'] as const) {
  for (const split of voiceSplits) {
    const dataset = emojiVoices({ split, concepts: set });
    const counts = new Map(types.map((type) => [type, new Map<string, number>()]));
    for await (const { text } of dataset) {
      for (const { type, answers } of text.questions) {
        const counted = counts.get(type)!;
        counted.set(answers[0]!, (counted.get(answers[0]!) ?? 0) + 1);
      }
    }
    const majority = types.map((type) => percent(Math.max(...counts.get(type)!.values()) / dataset.length));
    lines.push(`| ${set} | ${split} | ${dataset.length} | ${majority.join(' | ')} |`);
  }
}

lines.push(
  '',
  '## Voices',
  '',
  'Each voice outside training with the nearest voice of its own split and the nearest of the others: the root mean square',
  'difference of mean log spectra of six names, in nats.',
  '',
  '| split | voice | who | nearest of its split | nearest of the others |',
  '| --- | --- | --- | --- | --- |',
);
const distance = await distancesBetweenVoices();
for (const split of ['validation', 'unseen-voice'] satisfies VoiceSplit[]) {
  for (const voice of voicesOf[split]) {
    const nearest = (isOwn: boolean): string => {
      const among = voices.filter((one) => one !== voice && voicesOf[split].includes(one) === isOwn);
      const [first] = among.sort((one, other) => distance(voice, one) - distance(voice, other));
      return `${first!.name} ${distance(voice, first!).toFixed(2)}`;
    };
    lines.push(`| ${split} | ${voice.name} | ${voice.speaker} | ${nearest(true)} | ${nearest(false)} |`);
  }
}

lines.push(
  '',
  '## Time to speak',
  '',
  'Processor time of one recording, one thread, means of 500 recordings of `demo`.',
  '',
  '| split | first 500 (the synthesiser starts) | the same again |',
  '| --- | --- | --- |',
);
for (const split of ['train', 'unseen-voice'] as const) {
  const dataset = emojiVoices({ split, size: 500 });
  const cells: string[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const start = process.cpuUsage();
    for await (const { media } of dataset) await media.audio.render();
    const { user, system } = process.cpuUsage(start);
    cells.push(`${((user + system) / 1000 / dataset.length).toFixed(1)} ms`);
  }
  lines.push(`| ${split} | ${cells.join(' | ')} |`);
}
writeFileSync(new URL('../STATISTICS.md', import.meta.url), `${lines.join('\n')}\n`);

// Reads and writes what spice-1.0.jar does. Its F-score is the share of a caption's words that a reference has.
import { readFileSync, writeFileSync } from 'node:fs';

const [input, ...options] = process.argv.slice(2);
const value = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : null);
if (!options.includes('-subset') || !options.includes('-silent') || value('-out') === null) {
  console.error(`unknown options ${options.join(' ')}`);
  process.exit(1);
}
if (value('-cache') !== null) writeFileSync(`${value('-cache')}/used`, '');
const captions = JSON.parse(readFileSync(input, 'utf8'));
if (captions.some(({ test }) => test.includes('crash'))) throw new Error('no parser models');
const results = captions.map(({ image_id, test, refs }) => {
  const known = new Set(refs.flatMap((text) => text.split(' ')));
  const words = test.split(' ').filter((word) => word !== '');
  const f = words.length === 0 ? null : words.filter((word) => known.has(word)).length / words.length;
  return { image_id, scores: { All: { f }, Color: { f: test.includes('red') ? 1 : null } } };
});
if (captions.some(({ test }) => test.includes('less'))) results.pop();
writeFileSync(value('-out'), JSON.stringify(results.reverse()));

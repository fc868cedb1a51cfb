// Speaks the protocol of meteor-1.5.jar (-stdio): a line "SCORE ||| reference ||| ... ||| hypothesis" is answered by
// 23 counts. It knows exact matches in place only, and no function words.
import { createInterface } from 'node:readline';

if (process.argv.slice(2).join(' ') !== '- - -stdio -l en -norm') {
  console.error(`unknown options ${process.argv.slice(2).join(' ')}`);
  process.exit(1);
}
const words = (text) =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...parts] = line.split('|||');
  if (command.trim() === 'SCORE' && words(parts.at(-1)).includes('crash')) {
    console.error('Exception in thread "main" java.lang.OutOfMemoryError');
    process.exit(3);
  }
  if (command.trim() !== 'SCORE' || parts.length < 2 || words(parts.at(-1)).includes('error')) {
    console.log('Error: specify hypothesis and at least one reference');
    continue;
  }
  if (words(parts.at(-1)).includes('quit')) process.exit(0);
  const hypothesis = words(parts.at(-1));
  let best = null;
  for (const reference of parts.slice(0, -1).map(words)) {
    const matched = reference.map((word, i) => hypothesis[i] === word);
    const matches = matched.filter(Boolean).length;
    const chunks = matched.filter((own, i) => own && !matched[i - 1]).length;
    const stages = [matches, matches, ...new Array(14).fill(0)];
    const counts = [hypothesis.length, reference.length, 0, 0, ...stages, chunks, matches, matches];
    if (best === null || matches > best[4]) best = counts;
  }
  console.log(best.map((count) => count.toFixed(1)).join(' '));
}

// Writes data/concepts.jsonl: which countable, concrete nouns every artist has drawn, and under which icon name.
// Run it (`node tools/build-concepts.mjs`) after raising a version of a drawing set or editing data/choices.json;
// with --print it writes nothing and prints the table.
// Sources: emojibase-data (CLDR labels and groups), the nine @iconify-json packages, and the lists in data/.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import pluralize from 'pluralize';

const require = createRequire(import.meta.url);
const read = (name) => JSON.parse(readFileSync(require.resolve(name), 'utf8'));
const list = (name) => JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8'));

const training = ['noto', 'noto-v1', 'twemoji', 'openmoji', 'emojione-v1', 'fxemoji'];
const artists = [...training, 'emojione', 'fluent-emoji-flat', 'fluent-emoji'];
const { demo, harder, notCountable, kindOfSubgroup, kindOfLabel, pluralOf, fxemojiNames } =
  list('choices.json');

const icons = {};
const characters = {};
for (const artist of artists) {
  const set = read(`@iconify-json/${artist}/icons.json`);
  icons[artist] = new Set([...Object.keys(set.icons), ...Object.keys(set.aliases ?? {})]);
  characters[artist] = read(`@iconify-json/${artist}/chars.json`);
}
const { subgroups } = read('emojibase-data/meta/groups.json');

/** "Christmas tree" -> "christmas-tree", as Iconify names its icons. */
const slug = (label) =>
  label
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f’'.]/g, '')
    .replace(/[^a-z0-9]+/g, '-');

function iconName(artist, emoji) {
  const name = slug(emoji.label);
  const has = (candidate) => candidate !== undefined && icons[artist].has(candidate);
  if (artist === 'fxemoji') {
    const own = emoji.label in fxemojiNames ? fxemojiNames[emoji.label] : name.replaceAll('-', '');
    return has(own) ? own : undefined;
  }
  if (has(name)) return name;
  const code = emoji.hexcode.toLowerCase();
  return [characters[artist][code.replace(/-fe0f/g, '')], characters[artist][code]].find(has);
}

const concepts = [];
for (const emoji of read('emojibase-data/en/data.json')) {
  const subgroup = subgroups[emoji.subgroup];
  const label = emoji.label.toLowerCase().replaceAll('’', "'");
  const kind = kindOfLabel[label] ?? kindOfSubgroup[subgroup];
  if (kind === undefined || label.split(' ').length > 2 || notCountable.includes(label)) continue;
  const names = {};
  for (const artist of artists) {
    const name = iconName(artist, emoji);
    if (name !== undefined) names[artist] = name;
  }
  if (training.filter((artist) => artist in names).length < 5) continue;
  const sets = [];
  if (demo.includes(label)) sets.push('demo');
  if (demo.includes(label) || harder.includes(label)) sets.push('harder');
  concepts.push({
    id: concepts.length,
    label,
    plural: pluralOf[label] ?? pluralize.plural(label),
    article: /^[aeiou]/.test(label) ? 'an' : 'a',
    group: kind,
    subgroup,
    sets,
    names,
  });
}
for (const label of [...demo, ...harder]) {
  const concept = concepts.find((one) => one.label === label);
  if (concept === undefined)
    throw new Error(`[concepts] "${label}" of data/choices.json is no usable concept; take it out`);
  const missing = artists.filter((artist) => !(artist in concept.names));
  if (missing.length > 0)
    throw new Error(`[concepts] "${label}" has no drawing by ${missing}; take it out of data/choices.json`);
}
const text = concepts.map((concept) => `${JSON.stringify(concept)}\n`).join('');
if (process.argv.includes('--print')) {
  process.stdout.write(text);
} else {
  writeFileSync(new URL('../data/concepts.jsonl', import.meta.url), text);
  const count = (set) => concepts.filter((concept) => concept.sets.includes(set)).length;
  console.log(`${concepts.length} concepts, ${count('harder')} harder, ${count('demo')} demo`);
}

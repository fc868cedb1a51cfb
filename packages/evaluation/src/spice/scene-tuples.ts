import { stem } from '../stem.js';

/** The stem of a word; one that remembers is many times as fast. */
export type Stemmer = (word: string) => string;

/** Stems every distinct word once. */
export function rememberingStemmer(): Stemmer {
  const stems = new Map<string, string>();
  return (word) => {
    const known = stems.get(word) ?? stem(word);
    stems.set(word, known);
    return known;
  };
}

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

const DROPPED =
  words(`a an the this that these those its his her their our my your it he she they we i you there here
  which who whom whose what is are was were be been being am has have had having do does did will would can could may
  's n't not very some any each every other another while as where when so`);
const LINKS =
  words(`on in at of with by for from to into onto over under above below behind beside besides between
  among near around across through along against inside outside toward towards off up down out upon within next
  front top like during before after beneath underneath past about without`);
const JOINS = words('and or but , nor plus');
// Verbs of captions that no ending gives away.
const VERBS =
  words(`sit sits sat stand stands stood ride rides rode hold holds held wear wears wore look looks eat eats
  ate play plays run runs ran walk walks fly flies flew lie lies lay lays jump jumps stare stares drive drives drove
  swim swims swam talk talks hang hangs hung show shows pose poses watch watches carry carries throw throws threw hit
  hits catch catches caught swing swings swung make makes made take takes took get gets go goes went come comes came
  sleep sleeps slept cut cuts drink drinks drank smile smiles cross crosses face faces lean leans rest rests use uses
  grow grows move moves barks bark`);
const NOT_VERBS =
  words(`building ceiling clothing king ring wing string thing something nothing anything everything
  evening morning wedding painting red bed shed sled seed weed breed bread railing awning icing frosting dining
  living parking old-fashioned`);

function isVerb(word: string): boolean {
  if (VERBS.has(word)) return true;
  return word.length > 4 && /(?:ing|ed)$/.test(word) && !NOT_VERBS.has(word);
}

/**
 * What a caption says, as things (`dog`), things with a property (`dog brown`) and pairs of things with what links
 * them (`dog on mat`), stems throughout. By word lists and endings, without a parser: nouns are what is left over, the
 * last of a run is the thing and those before it are its properties.
 *
 * @param tokens of one caption, as `tokenizeCaption` splits it
 * @param stemOf the stemmer to use
 * @returns distinct tuples, joined by spaces
 */
export function sceneTuples(tokens: readonly string[], stemOf: Stemmer = stem): Set<string> {
  const tuples = new Set<string>();
  let run: string[] = [];
  let link: string[] = [];
  let thing = '';
  const close = () => {
    const head = run.at(-1);
    if (head === undefined) return;
    tuples.add(head);
    for (const property of run.slice(0, -1)) tuples.add(`${head} ${property}`);
    if (thing !== '' && link.length > 0) tuples.add(`${thing} ${link.join('-')} ${head}`);
    thing = head;
    run = [];
    link = [];
  };
  for (const token of tokens) {
    if (DROPPED.has(token)) close();
    else if (JOINS.has(token)) {
      close();
      thing = ''; // "a cat and a dog on a mat": the mat is under the dog
      link = [];
    } else if (LINKS.has(token) || isVerb(token)) {
      close();
      link.push(stemOf(token));
    } else run.push(stemOf(token));
  }
  close();
  return tuples;
}

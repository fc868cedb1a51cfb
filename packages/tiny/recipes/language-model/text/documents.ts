import { hashText, type Random } from '@ocelli/emoji-scenes';
import { pickMedium } from '../media/media.js';
import { type Asked, isHeldOutShown, type Shown, showRandomly } from '../media/medium.js';
import { answerSeparator } from '../tokenizer/special-tokens.js';
import { tellFacts } from './facts.js';
import { collectThings, type Thing, type Things } from './things.js';
import { readWordNet, type Synset } from './word-net.js';

/** `</s>{prompt}{target}</s>`, of which the model learns to say the target (and the end). */
export interface LearntText {
  readonly prompt: string;
  readonly target: string;
  /** What stands before the first `</s>`. */
  readonly context?: string;
}

/** Texts that all follow from one context. */
export interface ContextTexts {
  readonly context: string;
  readonly texts: readonly LearntText[];
}

/** Everything that text is made of. */
export interface Sources {
  readonly things: Things;
  /** Short entries about concrete nouns, about other nouns, about other words. */
  readonly entries: readonly [
    concrete: readonly Synset[],
    nouns: readonly Synset[],
    others: readonly Synset[],
  ];
  readonly examples: readonly string[];
  /** Entries that no text uses, to measure on. */
  readonly heldOutEntries: readonly Synset[];
}

/** Entries and examples of more words than this are left out: a sequence has 64 tokens. */
const longest = 18;
const concreteTopics: ReadonlySet<number> = new Set([5, 6, 8, 13, 15, 17, 20, 27]);
const isShort = (text: string) => text.split(' ').length <= longest;
/** Printable ASCII without the markup of special tokens. */
const isPlain = (text: string) => /^[ -;=?-~]+$/.test(text);

/** WordNet marks its slurs and vulgarities so, and quotes violence; a demo needs neither. */
const unwanted =
  /offensive|disparag|derogat|slur\b|vulgar|obscen|ethnic|racial|pejorative|sexual|genital|kill|murder|rape|slit|nazi|corpse/i;

/** Reads WordNet and CLDR from their npm packages. */
export function readSources(): Sources {
  const wordNet = readWordNet();
  const entries: [Synset[], Synset[], Synset[]] = [[], [], []];
  const heldOutEntries: Synset[] = [];
  const examples: string[] = [];
  for (const synset of wordNet.synsets.values()) {
    if (unwanted.test(`${synset.gloss} ${synset.examples.join(' ')}`)) continue;
    examples.push(...synset.examples.filter((text) => isShort(text) && isPlain(text) && text.includes(' ')));
    const entry = entryOf(synset);
    if (!/^[a-z]/.test(synset.words[0]!) || !isShort(entry) || !isPlain(entry)) continue;
    const isNoun = synset.key.startsWith('n');
    const kind = !isNoun ? 2 : concreteTopics.has(synset.topic) ? 0 : 1;
    if (hashText(synset.key) % 100 === 0) heldOutEntries.push(synset);
    else entries[kind].push(synset);
  }
  return { things: collectThings(wordNet), entries, examples, heldOutEntries };
}

/** "automobile: a motor vehicle with four wheels". */
export function entryOf(synset: Synset): string {
  return `${synset.words[0]}: ${synset.gloss}`;
}

/** Everyday things come more often than rare ones, as words do in any text. */
function pickThing({ everyday, scenes, labels, nouns }: Things, random: Random): Thing {
  const share = random.next();
  return random.pick(share < 0.45 ? everyday : share < 0.75 ? scenes : share < 0.85 ? labels : nouns);
}

/** A picture, clip or recording that is not held out, so that nothing ever shows what `unseen-pair` asks for. */
function pickShown(things: Things, random: Random): Shown {
  for (;;) {
    const shown = showRandomly(pickMedium(random), pickThing(things, random), random);
    if (!isHeldOutShown(shown)) return shown;
  }
}

/** Its five questions; whether something is there is asked against a thing of the same kind half the time. */
export function questionsAbout(shown: Shown, things: Things, random: Random): readonly Asked[] {
  let other = pickThing(things, random);
  for (let i = 0; i < 20 && random.next() < 0.5 && other.group !== shown.thing.group; i++)
    other = pickThing(things, random);
  return shown.questions(`text/${random.next()}`, [shown.thing, other]);
}

/** The fact that a question needs: kind and presence follow from the thing, the others are facts themselves. */
function neededFact(type: string): string {
  return type === 'kind' || type === 'presence' ? 'object' : type;
}

/** A question as a prompt: "what is in the picture?</a>". */
export function questionPrompt({ question }: Asked): string {
  return `${question}${answerSeparator}`;
}

function learntAnswer(question: Asked): LearntText {
  return { prompt: questionPrompt(question), target: question.answers[0]! };
}

/** How many questions are asked about one bag of facts. */
export interface QuestionCounts {
  /** Different ones of its five. */
  readonly questions: number;
  /** More ones whether this or that is there: telling two things apart is the hardest to learn. */
  readonly presenceQuestions: number;
}

/** A bag of facts with the caption and the answered questions that follow from it. */
export function contextTexts(
  { things }: Sources,
  random: Random,
  { questions, presenceQuestions }: QuestionCounts,
): ContextTexts {
  const shown = pickShown(things, random);
  const facts = tellFacts(shown, random);
  const texts: LearntText[] = [{ prompt: '', target: shown.captions[0]! }];
  const answerable = questionsAbout(shown, things, random).filter(({ type }) =>
    facts.told.has(neededFact(type)),
  );
  while (texts.length <= questions && answerable.length > 0) {
    texts.push(learntAnswer(answerable.splice(random.below(answerable.length), 1)[0]!));
  }
  for (let more = 0; facts.told.has('object') && more < presenceQuestions; more++) {
    texts.push(learntAnswer(questionsAbout(shown, things, random).find(({ type }) => type === 'presence')!));
  }
  return { context: facts.text, texts };
}

function wordsAbout({ label, article, tags, group, gloss }: Thing, random: Random): string {
  const said = [`a picture of ${article} ${label}`, `${label} is a kind of ${group}`, `${article} ${label}`];
  if (tags.length > 0) said.push(`${label}: ${tags.slice(0, 6).join(', ')}`);
  if (gloss !== undefined) said.push(`${label} is ${gloss}`);
  return random.pick(said);
}

/** A text without anything injected: dictionary, examples, labels, captions and questions with or without facts. */
export function plainText(sources: Sources, random: Random): LearntText {
  const { things, entries, examples } = sources;
  const share = random.next();
  if (share < 0.35) {
    const part = random.next();
    return { prompt: '', target: entryOf(random.pick(entries[part < 0.6 ? 0 : part < 0.8 ? 1 : 2])) };
  }
  if (share < 0.5) return { prompt: '', target: random.pick(examples) };
  if (share < 0.6) return { prompt: '', target: wordsAbout(pickThing(things, random), random) };
  const shown = pickShown(things, random);
  // Without facts the question itself is learnt too: with them it would only compete with the caption.
  if (share < 0.64) return { prompt: '', target: shown.captions[0]! };
  if (share < 0.67) return { prompt: '', target: random.pick(shown.captions) };
  if (share < 0.72) {
    const { prompt, target } = learntAnswer(random.pick(questionsAbout(shown, things, random)));
    return { prompt: '', target: prompt + target };
  }
  const { context, texts } = contextTexts(sources, random, { questions: 2, presenceQuestions: 0 });
  return { ...random.pick(texts), context };
}

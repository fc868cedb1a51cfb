import { describe, expect, it } from 'vitest';
import { colourNames } from './colours.js';
import { conceptByLabel, concepts } from './concepts.js';
import { emojiScenes } from './emoji-scenes.js';
import { type Question, questionsOf } from './questions.js';
import { type Scene, sceneOf } from './scene.js';
import { captionsOf } from './words.js';

const scene = (label: string, count: Scene['count'], name: Scene['background']['name']): Scene => ({
  ...sceneOf('demo/train/000000'),
  concept: conceptByLabel(label),
  count,
  background: { name, rgb: [0, 0, 0] },
});

describe('captions', () => {
  it('say what is there', () => {
    expect(captionsOf(scene('red apple', 3, 'blue'))).toEqual([
      'three red apples on a blue background',
      'there are three red apples on a blue background',
      'a picture of three red apples on a blue background',
      'three red apples in front of a blue background',
      'a blue background with three red apples on it',
    ]);
    expect(captionsOf(scene('octopus', 1, 'orange')).slice(0, 2)).toEqual([
      'an octopus on an orange background',
      'there is an octopus on an orange background',
    ]);
  });
});

describe('questions', async () => {
  const size = 4000;
  const byType = new Map<string, Question[]>();
  const asked = { drawn: [] as Scene[] };
  for await (const sample of emojiScenes({ split: 'train', size })) {
    asked.drawn.push(sample.scene);
    for (const question of sample.text.questions) {
      byType.set(question.type, [...(byType.get(question.type) ?? []), question]);
    }
  }
  /** How often each answer is right. */
  const counts = (type: string) => {
    const counted = new Map<string, number>();
    for (const { answers } of byType.get(type)!)
      counted.set(answers[0]!, (counted.get(answers[0]!) ?? 0) + 1);
    return counted;
  };
  /** Four standard deviations above what chance gives. */
  const bound = (p: number) => p + 4 * Math.sqrt((p * (1 - p)) / size);

  it('are five to a picture, one of each type', () => {
    expect([...byType.keys()]).toEqual(['object', 'count', 'colour', 'kind', 'presence']);
    for (const questions of byType.values()) expect(questions).toHaveLength(size);
  });

  it.each([
    ['count', 4],
    ['colour', colourNames.length],
    ['object', concepts('demo').length],
    ['presence', 2],
  ])('of type %s have %i answers, and none is given more often than chance', (type, answers) => {
    const counted = counts(type);
    expect(counted.size).toBe(answers);
    // Held-out pairs move the share of a colour by a twentieth, and of an object by a quarter, of itself.
    const slack = { count: 1, colour: 1.05, object: 1.25, presence: 1 }[type]!;
    expect(Math.max(...counted.values()) / size).toBeLessThan(bound(slack / answers));
  });

  it('of unseen-pair are balanced too', async () => {
    const counted = new Map<string, number>();
    for await (const { text } of emojiScenes({ split: 'unseen-pair', size })) {
      for (const { type, answers } of text.questions) {
        const key = `${type} ${answers[0]}`;
        counted.set(key, (counted.get(key) ?? 0) + 1);
      }
    }
    const most = (type: string) =>
      Math.max(...[...counted].map(([key, n]) => (key.startsWith(type) ? n : 0))) / size;
    expect(most('count')).toBeLessThan(bound(1.05 / 4));
    expect(most('colour')).toBeLessThan(bound(1.1 / 8));
    // A thing with a background and a count held out has 11 combinations, where 6 is the mean.
    expect(most('object')).toBeLessThan(bound(2 / 64));
    expect(most('presence')).toBeLessThan(bound(1 / 2));
  });

  it('about presence do not give the answer away by their words', () => {
    const yes = new Map<string, number[]>();
    for (const { question, answers } of byType.get('presence')!) {
      yes.set(question, [...(yes.get(question) ?? []), answers[0] === 'yes' ? 1 : 0]);
    }
    // Chi-square of 64 fair coins: above 124 less than once in 10,000.
    let sum = 0;
    for (const answers of yes.values()) {
      const right = answers.reduce((a, b) => a + b, 0);
      sum += (right - answers.length / 2) ** 2 / (answers.length / 4);
    }
    expect(sum).toBeLessThan(124);
  });

  it('about presence are true', () => {
    const list = concepts('demo');
    for (const [index, drawn] of asked.drawn.entries()) {
      const { question, answers } = byType.get('presence')![index]!;
      expect(question === `is there ${drawn.concept.article} ${drawn.concept.label}?`).toBe(
        answers[0] === 'yes',
      );
    }
    expect(questionsOf('x', asked.drawn[0]!, list)).toEqual(questionsOf('x', asked.drawn[0]!, list));
  });

  it('about number and colour have the same answers whatever the object: none is told by the others', () => {
    // Count against background over all drawn scenes: 21 degrees of freedom, above 56 once in 10,000.
    const cells = new Map<string, number>();
    for (const { count, background } of asked.drawn) {
      const key = `${count} ${background.name}`;
      cells.set(key, (cells.get(key) ?? 0) + 1);
    }
    const total = (match: (key: string) => boolean) =>
      [...cells].reduce((sum, [key, n]) => (match(key) ? sum + n : sum), 0);
    let chiSquare = 0;
    for (const [key, n] of cells) {
      const [count, name] = key.split(' ') as [string, string];
      const expected = (total((k) => k.startsWith(count)) * total((k) => k.endsWith(name))) / size;
      chiSquare += (n - expected) ** 2 / expected;
    }
    expect(chiSquare).toBeLessThan(56);
  });
});

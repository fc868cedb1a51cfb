import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormulaModel } from '../../test/formula-model.js';
import { loadTokenizer } from '../tokenizers/tokenizer.js';
import { generate } from './generate.js';
import { type StreamTextOptions, streamText } from './stream-text.js';

const tokenizer = loadTokenizer(fileURLToPath(new URL('../../test/fixtures/opt-text', import.meta.url)));
const prompt = [2, 5];

/** A model that says these ids after a prompt of two tokens, then the end id. */
class SayingModel extends FormulaModel {
  override readonly config = {
    ...new FormulaModel(0, 0).config,
    vocabularySize: tokenizer.size,
    maxPositions: 500,
  };

  constructor(readonly ids: readonly number[]) {
    super(0, 0);
  }

  override logits(history: readonly number[]): number[] {
    const logits = new Array<number>(tokenizer.size).fill(0);
    logits[this.ids[history.length - prompt.length] ?? this.config.endId] = 9;
    return logits;
  }
}

async function pieces(model: FormulaModel, options: Partial<StreamTextOptions> = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of streamText(model, { prompt, tokenizer, maxNewTokens: 400, ...options }))
    found.push(piece);
  return found;
}

const encode = (text: string): number[] => tokenizer.encode(text, { addSpecialTokens: false });

describe('stop strings', () => {
  it('end a text wherever token borders are, and streams and generate agree', async () => {
    const part = fc.constantFrom(
      'a cat',
      ' is',
      'a',
      '\n',
      '\n\n',
      'Question:',
      ' 🦜',
      'é',
      '图',
      'ab',
      'aab',
      '.',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 7 })), { maxLength: 3 }),
        fc.array(fc.constantFrom('\n\n', 'aab', 'xyz', '🦜a'), { maxLength: 2 }),
        async (parts, cuts, others) => {
          const ids = encode(parts.join(''));
          const text = tokenizer.decode(ids);
          const characters = [...text];
          const stop = [
            ...others,
            ...cuts.map(([begin, length]) => characters.slice(begin, begin + length).join('')),
          ].filter((each) => each !== '');
          const begins = stop.map((each) => text.indexOf(each)).filter((begin) => begin !== -1);
          // The first moment at which a prefix of the ids holds a stop string, and the text before that.
          const decoded = ids.map((_, i) => tokenizer.decode(ids.slice(0, i + 1)));
          const at = decoded.findIndex((each) => stop.some((one) => each.includes(one)));
          expect(at === -1).toBe(begins.length === 0);
          const whole = at === -1 ? text : decoded[at]!;
          const end = Math.min(
            whole.length,
            ...stop.map((each) => whole.indexOf(each)).filter((begin) => begin !== -1),
          );

          const model = new SayingModel(ids);
          const [answer] = await generate(model, {
            prompts: [prompt],
            maxNewTokens: 400,
            stop: { strings: stop, tokenizer },
          });
          expect(answer!.text).toBe(whole.slice(0, end));
          expect(answer!.ids).toEqual(at === -1 ? [...ids, 2] : ids.slice(0, at + 1));

          const streaming = new SayingModel(ids);
          const streamed = await pieces(streaming, { stop });
          expect(streamed.join('')).toBe(answer!.text);
          expect(streamed).not.toContain('');
          expect(streamed.join('')).not.toContain('\uFFFD');
          expect(streaming.calls.length).toBe(answer!.ids.length);
          expect(streaming.caches[0]!.isDisposed).toBe(true);
        },
      ),
      { numRuns: 150, seed: 8 },
    );
  });

  it('streams text as soon as it is certain', async () => {
    const parrot = encode('🦜');
    expect(parrot.length).toBeGreaterThan(1);
    expect(await pieces(new SayingModel(encode('🦜🦜')))).toEqual(['🦜', '🦜']);
    // An end in the midst of a character: its bytes are no text.
    expect((await pieces(new SayingModel([...encode('a'), ...parrot.slice(0, -1)]))).join('')).toBe(
      tokenizer.decode([...encode('a'), ...parrot.slice(0, -1)]),
    );
    const ids = encode('ab').length > 1 ? encode('xab') : [...encode('x'), ...encode('a'), ...encode('b')];
    const told = await pieces(new SayingModel(ids), { stop: ['abc'] });
    expect(told.join('')).toBe(tokenizer.decode(ids));
    expect(told[0]).toBe('x');
  });

  it('end beams too', async () => {
    const letters = {
      decode: (ids: Iterable<number>) => [...ids].map((id) => 'abcdefghijklmnopq'[id]).join(''),
    };
    for (let seed = 1; seed <= 10; seed++) {
      const found = await generate(new FormulaModel(seed, -9), {
        prompts: [[2, 5]],
        beams: 3,
        returnedSequences: 3,
        maxNewTokens: 8,
        stop: { strings: ['f', 'ih', 'qq'], tokenizer: letters },
      });
      for (const { ids, text } of found) {
        const all = letters.decode(ids);
        const stopped = /f|ih|qq/.exec(all);
        expect(text).toBe(stopped ? all.slice(0, stopped.index) : all);
        // Nothing goes on after a stop string.
        expect(ids.length).toBe(stopped ? stopped.index + stopped[0].length : 8);
      }
    }
  });

  it('are not empty, and leave no text behind when aborted', async () => {
    const model = new SayingModel(encode('a cat is'));
    await expect(
      generate(model, { prompts: [prompt], maxNewTokens: 3, stop: { strings: ['a', ''], tokenizer } }),
    ).rejects.toThrow(/a stop string is empty/);
    await expect(pieces(model, { stop: [''] })).rejects.toThrow(/a stop string is empty/);
    await expect(pieces(model, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

import { OcelliError } from '@ocelli/ops';
import type { Tokenizer } from '../tokenizers/tokenizer.js';

/** Texts that end a sequence as soon as its new text holds one, wherever the borders of its tokens are. */
export interface StopStrings {
  readonly strings: readonly string[];
  /** The model's: text is what it decodes new tokens to, without special ones. */
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
}

/** Says of new tokens whether their text holds a stop string. */
export function holdsStop(stop: StopStrings): (ids: readonly number[]) => boolean {
  checkStops(stop.strings);
  if (stop.strings.length === 0) return () => false;
  return (ids) => firstStop(plainText(stop, ids), stop.strings) !== -1;
}

/** The text of new tokens up to the first stop string. */
export function textBeforeStop(stop: StopStrings, ids: readonly number[]): string {
  const text = plainText(stop, ids);
  const end = firstStop(text, stop.strings);
  return end === -1 ? text : text.slice(0, end);
}

/** Where the first stop string begins in a text, or -1. */
export function firstStop(text: string, strings: readonly string[]): number {
  const found = strings.map((string) => text.indexOf(string)).filter((begin) => begin !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Throws for an empty stop string, which every text holds. */
export function checkStops(strings: readonly string[]): void {
  if (strings.includes(''))
    throw new OcelliError('generate', 'a stop string is empty; leave it out or give its text');
}

function plainText({ tokenizer }: StopStrings, ids: readonly number[]): string {
  return tokenizer.decode(ids, { skipSpecialTokens: true });
}

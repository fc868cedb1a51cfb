const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Which of some choices a text names: a sentence "the answer is B" or "(B)", a letter alone, or the text of a choice,
 * regardless of case. Null if it names none, or several in such sentences: a reader who guesses would make the score
 * depend on chance.
 *
 * @param text what a model said
 * @param choices in the order of their letters A, B, C ...
 */
export function choiceOfAnswer(text: string, choices: readonly string[]): number | null {
  const plain = text.trim();
  const spoken = plain.toLowerCase().replace(/[.!\s]+$/, '');
  const exact = choices.findIndex(
    (choice) =>
      choice
        .trim()
        .toLowerCase()
        .replace(/[.!\s]+$/, '') === spoken,
  );
  if (exact >= 0) return exact;
  const alone = /^\(?([A-Z])(?:\)|[.:](?=\s|$)|$)/i.exec(plain)?.[1];
  const stated = [...plain.matchAll(/answer(?:\s+is|\s*:)\s*:?\s*\(?([A-Z])\b/gi)].map((match) => match[1]!);
  const letters = new Set(
    (stated.length > 0 ? stated : alone ? [alone] : []).map((letter) => letter.toUpperCase()),
  );
  if (letters.size !== 1) return null;
  const index = LETTERS.indexOf([...letters][0]!);
  return index < choices.length ? index : null;
}

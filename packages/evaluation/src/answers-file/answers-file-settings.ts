import { EvaluationError } from '../evaluation-error.js';

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** What a run's answers depend on: fingerprints of the models and data, the prompt, how texts are generated. */
export type AnswersFileSettings = { readonly [key: string]: JsonValue | undefined };

/** JSON with the keys of every object in order, so that equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const brief = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : canonicalJson(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

/** Throws unless answers made with the settings of the file and with those of this run belong together. */
export function checkSameSettings(
  path: string,
  ofFile: AnswersFileSettings,
  ofRun: AnswersFileSettings,
): void {
  const keys = [...new Set([...Object.keys(ofFile), ...Object.keys(ofRun)])].sort();
  const others = keys.filter(
    (key) => canonicalJson(ofFile[key] ?? null) !== canonicalJson(ofRun[key] ?? null),
  );
  if (others.length === 0) return;
  const differences = others.map((key) => `${key} ${brief(ofFile[key])}, now ${brief(ofRun[key])}`);
  throw new EvaluationError(
    'answersFile',
    `${path} has the answers of a run with other settings: ${differences.join('; ')}`,
    'go on with the same settings, or use another file',
  );
}

import { EvaluationError } from '../evaluation-error.js';
import type { AnswersFileSettings, JsonValue } from './answers-file-settings.js';

const FORMAT = 'ocelli-answers';
const VERSION = 1;
const NEWLINE = 0x0a;

/** What the bytes of an answers file say. */
export interface AnswersFileContent {
  /** Null if not even the first line is whole: nothing was ever acknowledged. */
  readonly settings: AnswersFileSettings | null;
  readonly answers: Map<string, JsonValue>;
  /** How many bytes at the start are whole lines; what follows was torn by a crash. */
  readonly wholeBytes: number;
}

/** The first line of a file. */
export function headerLine(settings: AnswersFileSettings): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, settings })}\n`;
}

/** The line of one answer. */
export function answerLine(id: string, answer: JsonValue): string {
  return `${JSON.stringify({ id, answer })}\n`;
}

function parseLine(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * Reads an answers file. A crash can leave a part of a line at its end, or after a power failure lines of nonsense:
 * those are not whole. Nonsense before a good line is no crash but damage, and an error.
 */
export function readAnswers(path: string, bytes: Buffer): AnswersFileContent {
  const fail = (line: number, fact: string) =>
    new EvaluationError(
      'answersFile',
      `${path}, line ${line}: ${fact}`,
      'mend or remove the file, or name another',
    );
  const answers = new Map<string, JsonValue>();
  let settings: AnswersFileSettings | null = null;
  let wholeBytes = 0;
  let firstTorn = 0;
  let number = 0;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) break;
    number++;
    const line = parseLine(bytes.subarray(start, end));
    start = end + 1;
    if (line === null) {
      firstTorn ||= number;
      continue;
    }
    if (firstTorn > 0) throw fail(firstTorn, 'is not JSON, but lines after it are');
    if (number === 1) {
      if (line.format !== FORMAT || line.version !== VERSION || typeof line.settings !== 'object') {
        throw fail(1, `is no header of an answers file of version ${VERSION}`);
      }
      settings = line.settings as AnswersFileSettings;
    } else {
      if (typeof line.id !== 'string' || line.answer === undefined)
        throw fail(number, 'has no id and answer');
      if (answers.has(line.id)) throw fail(number, `has the id ${JSON.stringify(line.id)} again`);
      answers.set(line.id, line.answer as JsonValue);
    }
    wholeBytes = start;
  }
  // Bytes that are no answers file are somebody else's: a torn header at most is a crash's.
  if (settings === null && bytes.length > 0 && !looksLikeTornHeader(bytes)) {
    throw fail(1, `is no header of an answers file of version ${VERSION}`);
  }
  return { settings, answers, wholeBytes };
}

function looksLikeTornHeader(bytes: Buffer): boolean {
  const start = headerLine({}).slice(0, 20);
  const text = bytes.subarray(0, start.length).toString('utf8');
  return start.startsWith(text) || bytes.every((byte) => byte === 0);
}

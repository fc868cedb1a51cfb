import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describe, EvaluationError } from '../evaluation-error.js';
import { type AnswersFileSettings, checkSameSettings, type JsonValue } from './answers-file-settings.js';
import { lockFile } from './file-lock.js';
import { answerLine, headerLine, readAnswers } from './read-answers.js';

interface Waiting {
  readonly id: string;
  readonly line: string;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The answers of a run as they come, so that a run which was stopped goes on where it was: JSON lines that are only
 * ever appended to. The first line has the settings of the run, every other line one answer.
 *
 * `append` resolves when its answer is on the disk (`fdatasync`), not merely handed to the system; calls that are made
 * together share one write and one sync. After a crash or a power failure every answer whose `append` had resolved is
 * there, and a line that was being written is dropped: {@link droppedBytes} tells. An id is answered once.
 */
export class AnswersFile<Answer extends JsonValue = JsonValue> {
  readonly #answers: Map<string, Answer>;
  readonly #handle: FileHandle;
  readonly #unlock: () => Promise<void>;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #failure: unknown;
  #closed = false;

  private constructor(
    /** Where it is. */
    readonly path: string,
    /** Bytes of a torn line that opening removed; 0 after a run that ended well. */
    readonly droppedBytes: number,
    answers: Map<string, Answer>,
    handle: FileHandle,
    unlock: () => Promise<void>,
  ) {
    this.#answers = answers;
    this.#handle = handle;
    this.#unlock = unlock;
  }

  /**
   * Opens a file for more answers, or makes it and its folder.
   *
   * @param settings what the answers depend on; a file of other settings is refused
   * @throws EvaluationError if the file is of other settings, damaged, no answers file, or in use by another process
   */
  static async open<Answer extends JsonValue = JsonValue>(
    path: string,
    settings: AnswersFileSettings,
  ): Promise<AnswersFile<Answer>> {
    const full = resolve(path);
    await mkdir(dirname(full), { recursive: true });
    const unlock = await lockFile(full);
    let handle: FileHandle | undefined;
    try {
      handle = await open(full, 'a+');
      const bytes = await handle.readFile();
      const content = readAnswers(full, bytes);
      if (content.settings !== null) {
        checkSameSettings(
          full,
          content.settings,
          JSON.parse(JSON.stringify(settings)) as AnswersFileSettings,
        );
      }
      const droppedBytes = bytes.length - content.wholeBytes;
      if (droppedBytes > 0) await handle.truncate(content.wholeBytes);
      if (content.settings === null) await handle.appendFile(headerLine(settings));
      await handle.sync();
      await syncFolder(dirname(full));
      return new AnswersFile(full, droppedBytes, content.answers as Map<string, Answer>, handle, unlock);
    } catch (error) {
      await handle?.close();
      await unlock();
      throw error;
    }
  }

  /** Number of answers, those under way included. */
  get size(): number {
    return this.#answers.size;
  }

  /** Whether the id has been answered, or its answer is under way. */
  has(id: string): boolean {
    return this.#answers.has(id);
  }

  /** The answer to an id. */
  get(id: string): Answer | undefined {
    return this.#answers.get(id);
  }

  /** All answers in the order in which they came. */
  entries(): IterableIterator<[id: string, answer: Answer]> {
    return this.#answers.entries();
  }

  /**
   * Adds an answer. Resolves when it is on the disk.
   *
   * @throws EvaluationError if the id has been answered, JSON cannot hold the answer, or the file is closed
   */
  async append(id: string, answer: Answer): Promise<void> {
    if (typeof id !== 'string') {
      throw new EvaluationError('answersFile', `id is ${describe(id)}`, 'pass a string');
    }
    if (this.#closed) throw new EvaluationError('answersFile', `${this.path} is closed`, 'open it again');
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#answers.has(id)) {
      throw new EvaluationError(
        'answersFile',
        `${this.path} has an answer to ${describe(id)} already`,
        'ask has(id) before you answer',
      );
    }
    if (JSON.stringify(answer) === undefined) {
      throw new EvaluationError(
        'answersFile',
        `the answer to ${describe(id)} is ${describe(answer)}`,
        'pass what JSON can hold',
      );
    }
    this.#answers.set(id, answer);
    await new Promise<void>((done, fail) => {
      this.#waiting.push({ id, line: answerLine(id, answer), done, fail });
      this.#writing ??= this.#write();
    });
  }

  async #write(): Promise<void> {
    await null; // lets the calls of this turn gather
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#handle.appendFile(batch.map(({ line }) => line).join(''));
        await this.#handle.datasync();
        for (const { done } of batch) done();
      } catch (error) {
        // Half a line may be in the file now. Nothing is written behind it; opening the file again removes it.
        this.#failure = error;
        for (const { id, fail } of batch) {
          this.#answers.delete(id);
          fail(error);
        }
      }
    }
    this.#writing = null;
  }

  /** Waits for what is under way and gives the file free. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#handle.close();
    await this.#unlock();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A new file is safe when its folder knows of it. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null); // Windows opens no folders
  try {
    await handle?.sync();
  } catch {
    // some file systems sync no folders
  } finally {
    await handle?.close();
  }
}

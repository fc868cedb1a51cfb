/** One value of a JSON file: an entry of the list at its top, or of one of its top members. */
export interface JsonItem {
  /** The member of the top object that holds it, or null where the top is a list. */
  readonly key: string | null;
  /** Its number in the list, from 0, or null where the member is the value itself. */
  readonly index: number | null;
  readonly text: string;
}

const quote = 0x22;
const backslash = 0x5c;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const opens = (byte: number): boolean => byte === 0x7b || byte === 0x5b;
const closes = (byte: number): boolean => byte === 0x7d || byte === 0x5d;

/**
 * Cuts JSON that arrives in pieces into the values just below its top, so that a file of any size is parsed value by
 * value. It follows brackets and strings only; whoever parses the values finds what is wrong inside of them.
 */
export class JsonSplitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #top: 'none' | 'list' | 'object' | 'done' = 'none';
  /** Where the top is an object: before a key, in one, before its value, in its value, or in a list of it. */
  #state: 'key' | 'value' | 'list' = 'key';
  #key: string | null = null;
  #index = 0;
  /** Beginnings of the value that is under way, from earlier pieces. */
  #parts: Buffer[] = [];
  #under = false;
  /** What follows cannot be JSON. */
  #stray = false;

  /** Values that end in this piece. */
  *push(piece: Buffer): Generator<JsonItem> {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) {
          this.#inString = false;
          if (this.#isKey()) {
            this.#key = this.#keyOf(piece.subarray(from, at + 1));
            this.#under = false;
          }
        }
        continue;
      }
      if (isSpace(byte)) continue;
      if (this.#under) {
        if (byte === quote) this.#inString = true;
        else if (opens(byte)) this.#depth++;
        else if (closes(byte) && this.#depth > this.#level()) this.#depth--;
        else if ((closes(byte) || byte === 0x2c) && this.#depth === this.#level()) {
          yield this.#finish(piece.subarray(from, at));
          if (closes(byte)) this.#close();
          else if (this.#top === 'object' && this.#state === 'value') this.#expectKey();
        }
        continue;
      }
      if (this.#top === 'none') {
        if (byte === 0xef || byte === 0xbb || byte === 0xbf) continue; // the mark of UTF-8
        if (!opens(byte)) this.#stray = true;
        this.#top = byte === 0x5b ? 'list' : 'object';
        this.#depth = 1;
        continue;
      }
      if (this.#top === 'done') {
        this.#stray = true;
        continue;
      }
      if (byte === 0x2c || byte === 0x3a) {
        if (byte === 0x3a && this.#top === 'object') this.#state = 'value';
        if (byte === 0x2c && this.#top === 'object' && this.#state !== 'list') this.#expectKey();
        continue;
      }
      if (closes(byte)) {
        this.#close();
        continue;
      }
      if (this.#top === 'object' && this.#state === 'value' && byte === 0x5b) {
        this.#state = 'list';
        this.#index = 0;
        this.#depth = 2;
        continue;
      }
      this.#under = true;
      from = at;
      if (byte === quote) this.#inString = true;
      else if (opens(byte)) this.#depth++;
    }
    if (this.#under) this.#parts.push(Buffer.from(piece.subarray(from)));
  }

  /** Whether the file ended where JSON may end. */
  get complete(): boolean {
    return this.#top === 'done' && !this.#stray;
  }

  /** Number of the value that is under way or comes next. */
  get position(): number {
    return this.#index;
  }

  #level(): number {
    return this.#top === 'object' && this.#state === 'list' ? 2 : 1;
  }

  #isKey(): boolean {
    return this.#top === 'object' && this.#state === 'key' && this.#depth === 1;
  }

  #keyOf(end: Buffer): string {
    const text = this.#join(end);
    try {
      return JSON.parse(text) as string;
    } catch {
      return text;
    }
  }

  #expectKey(): void {
    this.#state = 'key';
    this.#key = null;
  }

  #close(): void {
    this.#depth--;
    if (this.#depth === 0) this.#top = 'done';
    else this.#expectKey();
  }

  #finish(end: Buffer): JsonItem {
    const text = this.#join(end);
    this.#under = false;
    const inList = this.#top === 'list' || this.#state === 'list';
    return { key: this.#key, index: inList ? this.#index++ : null, text };
  }

  #join(end: Buffer): string {
    if (this.#parts.length === 0) return end.toString('utf8');
    const text = Buffer.concat([...this.#parts, end]).toString('utf8');
    this.#parts = [];
    return text;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contender } from '../harness/case.js';

/** What a peer is asked to do: `case` names it, the rest are its sizes. Peers refuse what they do not know. */
export type PeerCase = { readonly case: string; readonly threads: number } & Readonly<
  Record<string, string | number | boolean>
>;

type Reply = Record<string, unknown>;

/**
 * A peer in a process of its own, which answers each line of JSON with one. It begins with
 * `{"name": "PyTorch", "version": "2.13"}`; then
 * - `{"prepare": {case, threads, ...}}` → `{"contenders": ["torch", "torch packed"]}`: its ways to do it, an empty list
 *   if it cannot. What was prepared before is released.
 * - `{"run": "torch", "repeats": 10}` → `{"seconds": 0.01}`: of all repeats.
 * - `{"evaluate": "torch"}` → `{"values": [...]}`: the result of one run, for comparisons.
 * - `{"release": true}` → `{}`.
 * - anything that fails → `{"error": "..."}`.
 */
export class PeerProcess {
  readonly name: string;
  readonly version: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: string[];

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, errors: string[], hello: Reply) {
    this.#child = child;
    this.#lines = lines;
    this.#errors = errors;
    this.name = String(hello.name);
    this.version = String(hello.version);
  }

  /** @throws Error with what the program wrote, if it ends or answers anything else than the first line. */
  static async start(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<PeerProcess> {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const errors: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors.push(text);
      if (errors.length > 100) errors.shift();
    });
    child.stdin.on('error', () => {}); // the end of its output says it better
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      const hello = await Promise.race([nextReply(basename(command), lines, errors), failed]);
      return new PeerProcess(child, lines, errors, hello);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  get processId(): number {
    return this.#child.pid!;
  }

  /** The peer's ways to do a case, ready to run; an empty list if it cannot. */
  async contenders(test: PeerCase): Promise<Contender[]> {
    const { contenders } = await this.#ask({ prepare: test });
    return (contenders as string[]).map((name) => ({
      name,
      run: async (repeats) => Number((await this.#ask({ run: name, repeats })).seconds),
      release: async () => {
        await this.#ask({ release: true });
      },
    }));
  }

  /** The result of one run of a contender that is prepared, flat. */
  async evaluate(contender: string): Promise<number[]> {
    return (await this.#ask({ evaluate: contender })).values as number[];
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
  }

  async #ask(message: object): Promise<Reply> {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
    return nextReply(this.name, this.#lines, this.#errors);
  }
}

async function nextReply(who: string, lines: AsyncIterator<string>, errors: string[]): Promise<Reply> {
  const { value, done } = await lines.next();
  if (done) {
    await new Promise((resolve) => setImmediate(resolve)); // let its last words arrive
    throw new Error(`[peer] ${who} ended: ${errors.join('').trim().split('\n').at(-1) || 'without a word'}`);
  }
  let reply: Reply;
  try {
    reply = JSON.parse(value) as Reply;
  } catch {
    throw new Error(`[peer] ${who} answered "${value.slice(0, 200)}", not a line of JSON`);
  }
  if (reply.error !== undefined) throw new Error(`[peer] ${who}: ${reply.error}`);
  return reply;
}

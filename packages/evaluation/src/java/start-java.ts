import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EvaluationError } from '../evaluation-error.js';

/** Options of every metric that runs a program of the user's. */
export interface JarOptions {
  /** Path of the jar. What lies beside it (METEOR's `data` folder, SPICE's `lib`) must be there too. */
  readonly jar: string;
  /** The program that runs it. Default `java`. */
  readonly java?: string;
  /** Memory that Java may take, as its `-Xmx` says it. Default: 2G for METEOR, 8G for SPICE. */
  readonly memory?: string;
  /** Stops the program and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A program that runs; `ended` rejects with what it said on its error output unless it ends well. */
export interface JavaProcess {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<void>;
}

const KEPT_ERRORS = 2000;

/** Starts a jar in its own folder, as its authors' scripts do: both find their data beside them. */
export function startJava(
  operation: string,
  { jar, java = 'java', memory, signal }: JarOptions & { readonly memory: string },
  args: readonly string[],
): JavaProcess {
  const path = resolve(jar);
  if (!existsSync(path)) {
    throw new EvaluationError(
      operation,
      `${path} does not exist`,
      'pass the path of the jar that you downloaded',
    );
  }
  const child = spawn(java, [`-Xmx${memory}`, '-jar', path, ...args], { cwd: dirname(path), signal });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_ERRORS);
  });
  // A program that ends early closes its input; the reason is in `ended`, not in the broken pipe.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((done, fail) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) fail(signal.reason);
      else if (error.code === 'ENOENT') {
        fail(
          new EvaluationError(
            operation,
            `the program "${java}" was not found`,
            'install a Java runtime, or pass its path as java',
          ),
        );
      } else fail(error);
    });
    child.on('close', (code, killed) => {
      if (code === 0) done();
      else {
        const said = errors.trim();
        const end = code === null ? `was ended by ${killed}` : `ended with code ${code}`;
        fail(
          new EvaluationError(
            operation,
            `${java} ${end}${said ? ` and said: ${said}` : ''}`,
            'see whether the jar runs by hand with this Java',
          ),
        );
      }
    });
  });
  ended.catch(() => {}); // whoever started it waits for it, possibly later
  return { process: child, ended };
}

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const built = fileURLToPath(new URL('../bin/ocelli.js', import.meta.url));

/** What a run of the command left. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `ocelli` from its sources in a process of its own.
 *
 * @param onOutput called with each piece of standard error, and a function that sends a signal.
 */
export function runCli(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Gives it a terminal for its output, by util-linux's `script`; no arguments with quotes then. */
    readonly terminal?: boolean;
    /** Runs what a build has left in place of the sources, which starts several times faster. */
    readonly built?: boolean;
    /** Milliseconds after which it is killed (SIGKILL) if it still runs; its code is null then. */
    readonly killAfter?: number;
    readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    // Without tsx's own launcher in between, so that signals reach the command itself.
    const program = options.built ? [built] : ['--conditions=source', '--import', tsx, cli];
    const words = [process.execPath, ...program, ...args];
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const [file, ...rest] = options.terminal ? ['script', '-qec', quoted, '/dev/null'] : words;
    const child = spawn(file!, rest, {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', HF_HUB_OFFLINE: '1', ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => {
      stdout += piece.toString();
    });
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
      options.onOutput?.(stderr, (signal) => child.kill(signal));
    });
    const timer =
      options.killAfter === undefined
        ? undefined
        : setTimeout(() => child.kill('SIGKILL'), options.killAfter);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

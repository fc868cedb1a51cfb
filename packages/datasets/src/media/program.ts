import { spawn } from 'node:child_process';
import { DatasetError, reasonOf } from '../dataset-error.js';

/** What is read of a program's complaints, in characters. */
const complaintLength = 2000;

/** A call of `ffmpeg` or `ffprobe`. */
export interface ProgramCall {
  readonly program: 'ffmpeg' | 'ffprobe';
  readonly args: readonly string[];
  /** What errors call the file that is read. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a program writes to its standard output, piece by piece: it waits while nobody reads, and is killed when the
 * reader stops or the signal says so.
 *
 * @throws {DatasetError} with how to install it where it is missing, and its own words where it fails.
 */
export async function* programOutput({ program, args, name, signal }: ProgramCall): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, complaintLength);
  });
  const ended = new Promise<number | Error>((resolve) => {
    child.once('error', resolve).once('close', (code) => resolve(code ?? -1));
  });
  let finished = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const end = await ended;
    finished = true;
    signal?.throwIfAborted();
    if (end instanceof Error) throw missing(program, name, end);
    if (end !== 0) {
      throw new DatasetError(
        `${program} cannot read ${name} (${firstLine(complaint) || `it ended with ${end}`})`,
        'replace the file or take it out of the data set',
      );
    }
  } finally {
    signal?.removeEventListener('abort', kill);
    if (!finished) {
      kill();
      await ended;
    }
  }
}

function missing(program: string, name: string, error: Error): DatasetError {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const fact = isMissing ? `${program} is not on PATH` : `${program} does not start (${reasonOf(error)})`;
  return new DatasetError(
    `${fact}, which ${name} needs`,
    'install ffmpeg: `apt install ffmpeg` (Debian, Ubuntu), `brew install ffmpeg` (macOS), `winget install ffmpeg` (Windows)',
    { cause: error },
  );
}

/** The first line, without the address in memory that ffmpeg puts before it. */
function firstLine(complaint: string): string {
  return (complaint.trim().split('\n')[0] ?? '').replace(/^\[[^\]]*\] */, '').trim();
}

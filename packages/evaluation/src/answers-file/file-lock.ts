import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EvaluationError } from '../evaluation-error.js';

const ours = new Set<string>();
const PATIENCE_MILLISECONDS = 200;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // runs, as somebody else
  }
}

/**
 * Keeps other processes of this machine from a file: a file beside it that holds the number of the process. One left
 * by a process that was killed is taken over.
 *
 * @returns what gives the file free
 * @throws EvaluationError while another process holds it
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let seenEmpty = false; ; ) {
    try {
      const handle = await open(lock, 'wx');
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      ours.add(lock);
      return async () => {
        ours.delete(lock);
        await rm(lock, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10);
    if (Number.isNaN(holder) && !seenEmpty) {
      // Made a moment ago and not written yet, or empty since a power failure: time tells.
      seenEmpty = true;
      await sleep(PATIENCE_MILLISECONDS);
      continue;
    }
    // Our own number without our lock: a container's earlier life, where numbers repeat.
    const held = holder === process.pid ? ours.has(lock) : holder > 0 && isRunning(holder);
    if (held) {
      throw new EvaluationError(
        'answersFile',
        `process ${holder} is writing ${path}`,
        `wait for it; if there is no such run, remove ${lock}`,
      );
    }
    await rm(lock, { force: true });
  }
}

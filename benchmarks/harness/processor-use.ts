import { readdirSync, readFileSync } from 'node:fs';

/** Seconds in Linux's unit of processor time; USER_HZ is 100 on every architecture that Node runs on. */
const tick = 0.01;

export interface ProcessUse {
  readonly name: string;
  /** Processor seconds of a process and of its children that have ended. */
  readonly seconds: number;
}

/** What the text of /proc/PID/stat says. */
export function parseProcess(stat: string): ProcessUse {
  // The second field, the program's name, may hold spaces and brackets.
  const nameEnd = stat.lastIndexOf(')');
  const times = stat
    .slice(nameEnd + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (nameEnd < 0 || times.length < 4 || times.some(Number.isNaN))
    throw new Error(`[busy] "${stat.slice(0, 60)}" is no /proc/PID/stat`);
  return {
    name: stat.slice(stat.indexOf('(') + 1, nameEnd),
    seconds: tick * times.reduce((sum, time) => sum + time, 0),
  };
}

/**
 * Every process by its id, but for `own`; null where the system has no /proc. Ended children are in their parent's time,
 * so the sum over all grows by exactly what they use. (/proc/stat has a sum too, but it counts by where the clock's tick
 * falls, and on some virtual machines shows an idle system as a quarter of a core.)
 */
export function readProcesses(own: ReadonlySet<number>): Map<number, ProcessUse> | null {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return null;
  }
  const processes = new Map<number, ProcessUse>();
  for (const name of names) {
    const id = Number(name);
    if (!Number.isInteger(id) || own.has(id)) continue;
    try {
      processes.set(id, parseProcess(readFileSync(`/proc/${id}/stat`, 'utf8')));
    } catch (error) {
      // It has ended since.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return processes;
}

/** Processor seconds used between two readings, and by whom most. */
export function usedBetween(
  before: ReadonlyMap<number, ProcessUse>,
  after: ReadonlyMap<number, ProcessUse>,
): { readonly seconds: number; readonly most: string } {
  let seconds = 0;
  let most = { seconds: 0, text: '' };
  for (const [id, process] of after) {
    const used = process.seconds - (before.get(id)?.seconds ?? 0);
    seconds += used;
    if (used > most.seconds) most = { seconds: used, text: `${process.name}, process ${id}` };
  }
  for (const [id, process] of before) if (!after.has(id)) seconds -= process.seconds;
  return { seconds: Math.max(0, seconds), most: most.text };
}

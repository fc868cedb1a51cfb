import { readFileSync } from 'node:fs';

/** Seconds in Linux's unit of processor time; USER_HZ is 100 on every architecture that Node runs on. */
const tick = 0.01;

/** Processor seconds that all processes have used since the start, from the text of /proc/stat. Waiting and stolen time do not count. */
export function machineSeconds(stat: string): number {
  const line = stat.split('\n').find((text) => text.startsWith('cpu '));
  const fields = line?.trim().split(/\s+/).slice(1).map(Number);
  if (!fields || fields.length < 7 || fields.some(Number.isNaN))
    throw new Error(`[busy] /proc/stat begins with "${stat.slice(0, 60)}", not with a line of "cpu"`);
  const [user, nice, system, , , interrupt, softInterrupt] = fields as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return tick * (user + nice + system + interrupt + softInterrupt);
}

/** Processor seconds of a process and of its children that have ended, from the text of /proc/PID/stat. */
export function processSeconds(stat: string): number {
  // The second field, the program's name, may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const seconds = tick * (user + system + childrenUser + childrenSystem);
  if (Number.isNaN(seconds)) throw new Error(`[busy] "${stat.slice(0, 60)}" is no /proc/PID/stat`);
  return seconds;
}

/** Reads how much the machine and some processes have used; null where there is no /proc. */
export function readProcessorUse(
  processes: readonly number[],
): { machine: number; own: number; at: number } | null {
  try {
    const machine = machineSeconds(readFileSync('/proc/stat', 'utf8'));
    let own = 0;
    for (const id of processes) own += processSeconds(readFileSync(`/proc/${id}/stat`, 'utf8'));
    return { machine, own, at: performance.now() / 1000 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

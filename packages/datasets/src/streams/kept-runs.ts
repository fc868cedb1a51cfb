/** Bytes that the runs in memory take, about. */
const keptBytes = 256 * 2 ** 20;

/** How many runs stay in memory where one takes so many bytes: at least two, so that an order can mix them. */
export function keptRuns(bytesOfRun: number): number {
  return Math.max(2, Math.min(1024, Math.floor(keptBytes / Math.max(1, bytesOfRun))));
}

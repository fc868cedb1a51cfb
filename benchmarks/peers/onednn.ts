import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PeerProcess } from './peer-process.js';

/** oneDNN, compiled on demand against the library of the system (Debian: libdnnl-dev). */
export async function openOneDnn(): Promise<PeerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-bench-'));
  try {
    const program = join(folder, 'onednn');
    const source = fileURLToPath(new URL('onednn_worker.cpp', import.meta.url));
    const { error, status, stderr } = spawnSync(
      process.env.CXX ?? 'c++',
      ['-std=c++17', '-O2', '-fopenmp', source, '-o', program, '-ldnnl'],
      { encoding: 'utf8' },
    );
    if (error) throw error;
    if (status !== 0) {
      const missing = /dnnl\.hpp: No such file|cannot find -ldnnl/.test(stderr);
      throw new Error(
        missing ? 'not installed (Debian: apt-get install libdnnl-dev)' : stderr.trim().split('\n')[0],
      );
    }
    return await PeerProcess.start(program, []);
  } finally {
    await rm(folder, { recursive: true, force: true }); // a running program keeps its file
  }
}

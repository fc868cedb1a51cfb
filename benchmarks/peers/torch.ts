import { fileURLToPath } from 'node:url';
import { PeerProcess } from './peer-process.js';

/** PyTorch by the interpreter `python`. */
export function openTorch(python: string): Promise<PeerProcess> {
  return PeerProcess.start(python, [fileURLToPath(new URL('torch_worker.py', import.meta.url))]);
}

import { fileURLToPath } from 'node:url';
import { PeerProcess } from './peer-process.js';

/** onnxruntime-node, where Node finds it: in a folder above the workspace or of NODE_PATH. */
export function openOnnxRuntime(): Promise<PeerProcess> {
  return PeerProcess.start(process.execPath, [
    fileURLToPath(new URL('onnxruntime_worker.mjs', import.meta.url)),
  ]);
}

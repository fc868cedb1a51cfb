import { chmodSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs that stand in for Java and its jars, in a folder of their own so that they can be run. */
export function installStandIns(): { java: string; meteorJar: string; spiceJar: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-stand-ins-'));
  cpSync(fileURLToPath(new URL('.', import.meta.url)), folder, { recursive: true });
  const java = join(folder, 'java.mjs');
  chmodSync(java, 0o755);
  return { java, meteorJar: join(folder, 'meteor.mjs'), spiceJar: join(folder, 'spice.mjs'), folder };
}

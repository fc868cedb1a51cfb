import { createRequire } from 'node:module';

/** Version of the `ocelli` package; package.json lies beside both src/ and dist/. */
export function packageVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}

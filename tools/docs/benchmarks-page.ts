// Writes docs/benchmarks.md from benchmarks/results/*.json, what `npm run bench -- --json` left: npm run docs:benchmarks
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchmarksPage } from '../../benchmarks/harness/page.js';
import { readResults } from '../../benchmarks/harness/read-results.js';

writeFileSync(
  fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url)),
  benchmarksPage(readResults()),
);

// npm run docs:cuda: writes docs/cuda-coverage.md and docs/cuda-performance.md again from what the last npm run cuda:check
// left, without running tests; the sheet needs nvcc.
import { compileAll } from './compile.mjs';
import { writeCoverage } from './coverage.mjs';
import { writePerformanceSheet } from './performance-sheet.mjs';
import { hasNvcc } from './toolkit.mjs';

const compiled = hasNvcc() ? compileAll() : null;
const problems = [...writeCoverage(compiled), ...(compiled ? writePerformanceSheet(compiled) : [])];
for (const problem of problems) console.error(`✗ ${problem}`);

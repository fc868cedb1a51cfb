// npm run bench: see --help, and README.md beside this file for how to take numbers and how to add to them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { device } from '@ocelli/ops';
import { type Bar, formatVerdict, judge } from './harness/bars.js';
import { allowedLoad } from './harness/busy-watch.js';
import { type CommandLine, parseCommandLine, usage } from './harness/command-line.js';
import { describeMachine } from './harness/machine.js';
import { writeResult } from './harness/result-file.js';
import { BusyError, Runner } from './harness/runner.js';
import { openOneDnn } from './peers/onednn.js';
import { openOnnxRuntime } from './peers/onnxruntime.js';
import { openTorch } from './peers/torch.js';
import { suites } from './suites.js';

function progress(text: string | null): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text ? `… ${text}`.slice(0, 100) : ''}`);
}

async function main(options: CommandLine): Promise<number> {
  const start = performance.now();
  const bars = JSON.parse(
    readFileSync(fileURLToPath(new URL('bars.json', import.meta.url)), 'utf8'),
  ) as Bar[];
  const chosen = suites.filter(({ name }) => options.suites.includes(name));
  const runner = new Runner({ ...options, barsOnly: options.check, print: console.log, progress });
  try {
    if (!runner.watch.able)
      console.log('this system does not tell how busy it is: see to it yourself that nothing else runs');
    const load = await runner.watch.look(2);
    if (load > allowedLoad && !options.busy) throw new BusyError('before the start', load, runner.watch.most);
    if (options.python) await runner.addPeer('PyTorch', () => openTorch(options.python!));
    else console.log('no PyTorch beside it: name an interpreter that has it with --python');
    await runner.addPeer('oneDNN', openOneDnn);
    await runner.addPeer('onnxruntime-node', openOnnxRuntime);
    const machine = describeMachine(runner.versions());
    console.log(`${machine.processor}, ${machine.cores} cores, kernels for ${device.isa}\n`);
    let failed = false;
    for (const suite of chosen) {
      runner.begin(suite.name);
      try {
        await suite.run(runner);
      } catch (error) {
        if (error instanceof BusyError) throw error;
        // What has been measured is kept, and the other suites are not to blame.
        failed = true;
        console.error(`${suite.name} is incomplete: ${(error as Error).message}`);
      }
    }
    const measurers = Object.assign({}, ...chosen.map((suite) => suite.bars));
    // Some of its rows say nothing about a bar.
    // Of some suites, their own bars; of all, a bar that nobody measures is short, too.
    const asked = chosen.length === suites.length ? bars : bars.filter(({ id }) => id in measurers);
    const verdicts = options.filters.length > 0 ? [] : judge(asked, measurers, runner.rows);
    if (verdicts.length > 0) console.log(`\nBars\n${verdicts.map(formatVerdict).join('\n')}`);
    const busy = runner.wasBusy || runner.watch.average() > allowedLoad;
    if (busy) console.log('\nOther processes loaded the cores: these numbers mean little.');
    if (options.json) {
      const { suites, filters, threads, check } = options;
      await writeResult(options.json, {
        machine: { ...machine, peers: runner.versions() },
        command: [
          ...suites,
          `--threads ${threads}`,
          ...filters.map((filter) => `--filter "${filter}"`),
          ...(check ? ['--check'] : []),
        ].join(' '),
        otherLoad: runner.watch.able ? runner.watch.average() : null,
        busy,
        seconds: Math.round((performance.now() - start) / 1000),
        bars: verdicts,
        rows: runner.rows,
      });
      console.log(`\nwritten: ${options.json}`);
    }
    return failed || (options.check && verdicts.some(({ reached }) => !reached)) ? 1 : 0;
  } finally {
    await runner.stop();
  }
}

try {
  const options = parseCommandLine(
    process.argv.slice(2),
    suites.map(({ name }) => name),
    process.env,
  );
  if (options.help) console.log(usage(suites));
  else process.exitCode = await main(options);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

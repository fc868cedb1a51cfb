// Runs the command in processes of its own: what a person sees, and what is left on disk.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeOwnPictures } from './own-pictures.js';
import { type CliRun, runCli } from './run-cli.js';
import { makeTinyBackbones, type TinyBackbones } from './tiny-backbones.js';

const patience = 300_000;
const root = mkdtempSync(join(tmpdir(), 'ocelli-cli-'));
let backbones: TinyBackbones;
let others: TinyBackbones;

function config(name: string, changes: { readonly training?: string; readonly extra?: string } = {}): string {
  const path = join(root, `${name}.yaml`);
  writeFileSync(
    path,
    [
      `encoder: ${backbones.encoder}`,
      `languageModel: ${backbones.languageModel}`,
      'adapter: { method: limber }',
      'data: { train: { format: folder, directory: pictures }, validation: { format: folder, directory: pictures } }',
      `training: ${changes.training ?? '{ steps: 4, batchSize: 4, learningRate: 1e-2 }'}`,
      `output: out/${name}`,
      changes.extra ?? '',
    ].join('\n'),
  );
  return path;
}

/** One clear sentence and exit code 1. */
function expectError(run: CliRun, ...parts: readonly (string | RegExp)[]): void {
  expect(run).toMatchObject({ code: 1, stdout: '' });
  for (const part of parts) expect(run.stderr).toMatch(part);
  expect(run.stderr).toMatch(/^ocelli: .+\n$/);
  expect(run.stderr.trim().split('\n')).toHaveLength(1);
  expect(run.stderr).not.toContain('    at ');
}

beforeAll(async () => {
  backbones = await makeTinyBackbones(root, 1);
  others = await makeTinyBackbones(root, 2);
  makeOwnPictures(join(root, 'pictures'));
  writeFileSync(join(root, 'broken.jpg'), 'this is no picture');
  const run = await runCli(['train', config('own')], { cwd: root });
  expect(run.stderr).not.toContain('ocelli:');
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('ocelli caption FILE --adapter');
}, patience);

describe('trained on a folder of pictures', () => {
  test('training leaves an adapter, checkpoints and a log', () => {
    expect(readdirSync(join(root, 'out/own')).sort()).toEqual([
      'adapter',
      'checkpoints',
      'features',
      'metrics.jsonl',
    ]);
    expect(readdirSync(join(root, 'out/own/adapter')).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    const lines = readFileSync(join(root, 'out/own/metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toContain(4);
  });

  test(
    'caption, answer, eval and info work with it',
    async () => {
      const picture = join(root, 'pictures/red.png');
      const scores = join(root, 'scores/own.json');
      const evaluate = ['eval', '--adapter', 'out/own', '--data', 'pictures', '--max-new-tokens', '5'];
      const [caption, captions, answer, evaluation, info, plan, dtypes, both] = await Promise.all([
        runCli(['caption', picture, '--adapter', 'out/own', '--max-new-tokens', '5'], { cwd: root }),
        runCli(['caption', picture, picture, '--adapter', 'out/own/adapter', '--beams', '2', '--json'], {
          cwd: root,
        }),
        runCli(['answer', picture, 'what?', '--adapter', 'out/own', '--dtype', 'nf4'], { cwd: root }),
        runCli([...evaluate, '--json', scores, '--texts', 'texts.jsonl'], { cwd: root }),
        runCli(['info', '--adapter', 'out/own', '--json'], { cwd: root }),
        runCli(['info', '--plan', 'own.yaml'], { cwd: root }),
        runCli(['eval', '--adapter', 'out/own', '--data', 'pictures', '--compare-dtypes'], { cwd: root }),
        runCli(
          ['eval', '--adapter', 'out/own', '--data', 'pictures', '--compare-dtypes', '--dtype', 'int8'],
          { cwd: root },
        ),
      ]);
      expect(caption).toMatchObject({ code: 0, stderr: '' });
      expect(caption.stdout.split('\n')).toHaveLength(2);
      const rows = JSON.parse(captions.stdout) as { file: string; caption: string }[];
      expect(rows.map((row) => row.file)).toEqual([picture, picture]);
      expect(rows[0]!.caption).toBe(rows[1]!.caption);
      expect(answer.code).toBe(0);
      expect(evaluation.code).toBe(0);
      expect(evaluation.stdout).toContain('4 captions');
      expect(evaluation.stdout).toMatch(/questions +exact match/);
      const written = JSON.parse(readFileSync(scores, 'utf8')) as {
        captions: { texts: unknown[] };
        answers: { count: number };
      };
      expect(written.captions.texts).toHaveLength(4);
      expect(written.answers.count).toBe(4);
      expect(evaluation.stdout).toMatch(/95 % interval.*METEOR/s);
      const samePath = evaluate.map((word) => (word === 'pictures' ? './pictures/' : word));
      const again = [...samePath, '--texts', 'texts.jsonl'];
      expect((await runCli(again, { cwd: root })).stdout).toBe(evaluation.stdout);
      const other = await runCli([...again, '--beams', '2'], { cwd: root });
      expectError(other, 'texts.jsonl has the answers of a run with other settings: generation');
      expect(dtypes.code).toBe(0);
      expect(dtypes.stdout).toMatch(/float32 .*KiB .*\+0\.00000.*float16 .*int8 .*nf4 .*fp4 /s);
      expect(both.stderr).toContain('--compare-dtypes tries every --dtype; leave one of them out');
      expect(plan).toMatchObject({ code: 0, stderr: '' });
      expect(plan.stdout).toMatch(/frozen weights, packed +\d.*block 0 +\d.*block 2 +\d.*sum +\d/s);
      expect(JSON.parse(info.stdout)).toMatchObject({ adapter: { method: 'limber', values: 16 * 16 + 16 } });
    },
    patience,
  );

  test(
    'text is drawn, stopped and chosen from a list as the options say',
    async () => {
      const picture = join(root, 'pictures/red.png');
      writeFileSync(join(root, 'answers.txt'), 'red\nblue\n\n  a green one \nred\n');
      const caption = (...options: string[]): Promise<CliRun> =>
        runCli(['caption', picture, '--adapter', 'out/own', '--max-new-tokens', '12', ...options], {
          cwd: root,
        });
      const [greedy, sharp, drawn, again, other, chosen] = await Promise.all([
        caption(),
        caption('--temperature', '1e-4', '--repetition-penalty', '1'),
        caption('--temperature', '3', '--top-k', '50', '--top-p', '0.95', '--seed', '3'),
        caption('--temperature', '3', '--top-k', '50', '--top-p', '0.95', '--seed', '3'),
        caption('--temperature', '3', '--seed', '4'),
        runCli(['answer', picture, 'what?', '--adapter', 'out/own', '--answers', 'answers.txt', '--json'], {
          cwd: root,
        }),
      ]);
      for (const run of [greedy, sharp, drawn, again, other, chosen])
        expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(sharp.stdout).toBe(greedy.stdout);
      expect(again.stdout).toBe(drawn.stdout);
      expect(new Set([greedy, drawn, other].map(({ stdout }) => stdout)).size).toBe(3);
      const { answer, ranking } = JSON.parse(chosen.stdout) as {
        answer: string;
        ranking: { answer: string; logProbability: number }[];
      };
      expect(ranking.map((each) => each.answer).sort()).toEqual(['a green one', 'blue', 'red']);
      expect(answer).toBe(ranking[0]!.answer);
      const order = ranking.map(({ logProbability }) => logProbability);
      expect(order).toEqual([...order].sort((a, b) => b - a));

      const text = greedy.stdout.trim();
      const stop = [...text].slice(3, 5).join('');
      const [stopped, streamed] = await Promise.all([
        caption('--stop', stop),
        runCli(['caption', picture, '--adapter', 'out/own', '--max-new-tokens', '12', '--stop', stop], {
          cwd: root,
          terminal: process.platform === 'linux',
        }),
      ]);
      expect(stopped.stdout.trim()).toBe(text.slice(0, text.indexOf(stop)).trim());
      expect(streamed.stdout.replaceAll('\r\n', '\n')).toBe(stopped.stdout);
    },
    patience,
  );

  test(
    'a second run without --resume, and an adapter for another backbone, are errors that say so',
    async () => {
      const adapter = readFileSync(join(root, 'out/own/adapter/adapter_model.safetensors'));
      const picture = join(root, 'pictures/red.png');
      const [again, wrongModel, wrongEncoder, gone] = await Promise.all([
        runCli(['train', 'own.yaml'], { cwd: root }),
        runCli(['caption', picture, '--adapter', 'out/own', '--language-model', others.languageModel], {
          cwd: root,
        }),
        runCli(['caption', picture, '--adapter', 'out/own', '--encoder', others.encoder], { cwd: root }),
        runCli(['caption', picture, '--adapter', 'out/own', '--encoder', 'nowhere'], { cwd: root }),
      ]);
      expectError(again, /holds a run that got to step 4; go on with --resume/);
      expectError(
        wrongModel,
        /was trained for the language model ".*language-model-1"/,
        /load ".*language-model-1" with it/,
      );
      expectError(wrongEncoder, /was trained for the encoder ".*encoder-1"/);
      expectError(gone, /there is no folder .*nowhere/);
      expect(readFileSync(join(root, 'out/own/adapter/adapter_model.safetensors'))).toEqual(adapter);
    },
    patience,
  );

  test(
    'Ctrl-C writes a checkpoint and says how to go on, and --resume ends with the same adapter',
    async () => {
      const training = '{ steps: 600, batchSize: 4, learningRate: 1e-2, checkpointEvery: 1000 }';
      const path = config('stopped', { training });
      let sent = false;
      const stopped = await runCli(['train', path], {
        cwd: root,
        onOutput: (text, kill) => {
          if (sent || !text.includes('train limber')) return;
          sent = true;
          kill('SIGINT');
        },
      });
      expect(stopped.code).toBe(130);
      expect(stopped.stderr).toMatch(
        /stopped at step \d+, a checkpoint is written; go on with: ocelli train .*stopped\.yaml --resume/,
      );
      expect(existsSync(join(root, 'out/stopped/adapter'))).toBe(false);
      const [resumed, whole] = await Promise.all([
        runCli(['train', path, '--resume'], { cwd: root }),
        runCli(['train', config('whole', { training })], { cwd: root }),
      ]);
      expect(resumed.code).toBe(0);
      expect(whole.code).toBe(0);
      const tensors = (name: string) =>
        readFileSync(join(root, `out/${name}/adapter/adapter_model.safetensors`));
      expect(tensors('stopped')).toEqual(tensors('whole'));
    },
    patience,
  );
});

describe('what is wrong is said in one sentence, and nothing is left on disk', () => {
  test(
    'paths, pictures and configurations',
    async () => {
      mkdirSync(join(root, 'empty'), { recursive: true });
      const before = readdirSync(root).sort();
      const unknown = config('unknown-key', { extra: 'traning: { steps: 3 }' });
      const missing = config('missing-backbone');
      writeFileSync(missing, readFileSync(missing, 'utf8').replace(backbones.encoder, 'models/vit'));
      const otherDevice = config('other-device', { extra: 'device: gpu' });
      const noCuda = { cwd: root, env: { OCELLI_CUDA: '/nowhere/ocelli-cuda.node' } };
      const [noConfig, unknownKey, noBackbone, noPicture, broken, noAdapter, noData, ...noDevice] =
        await Promise.all([
          runCli(['train', 'nowhere.yaml'], { cwd: root }),
          runCli(['train', unknown], { cwd: root }),
          runCli(['train', missing], { cwd: root }),
          runCli(['caption', 'nowhere.png', '--adapter', 'out/own'], { cwd: root }),
          runCli(['answer', 'broken.jpg', 'what?', '--adapter', 'out/own'], { cwd: root }),
          runCli(['caption', 'pictures/red.png', '--adapter', 'empty'], { cwd: root }),
          runCli(['eval', '--adapter', 'out/own', '--data', 'nowhere'], { cwd: root }),
          runCli(['caption', 'pictures/red.png', '--adapter', 'out/own', '--device', 'cuda'], noCuda),
          runCli(['train', otherDevice, '--device', 'cuda:1'], noCuda),
          runCli(['train', otherDevice], noCuda),
          runCli(['info', '--plan', otherDevice], noCuda),
        ]);
      expectError(noConfig, /cannot read .*nowhere\.yaml/, /give the path of a YAML configuration/);
      expectError(
        unknownKey,
        /unknown-key\.yaml line 7: unknown key "traning" at the top level; did you mean "training"\?/,
      );
      expectError(noBackbone, /there is no folder .*models\/vit/);
      expectError(noPicture, /cannot read nowhere\.png/);
      expectError(broken, /cannot decode the picture broken\.jpg, 18 bytes/);
      expectError(noAdapter, /empty has no adapter_config\.json/);
      expectError(noData, /there is no .*nowhere; give a folder with captions\.jsonl/);
      expectError(
        noDevice[0]!,
        /\[device\] cuda cannot be used: Cannot find module '\/nowhere.*; use the device cpu/,
      );
      expectError(noDevice[1]!, /\[device\] cuda:1 cannot be used/);
      for (const other of noDevice.slice(2))
        expectError(other, /\[device\] there is no device "gpu"; devices are cpu, cuda/);
      expect(
        readdirSync(root)
          .filter((name) => !name.endsWith('.yaml'))
          .sort(),
      ).toEqual(before.filter((name) => !name.endsWith('.yaml')));
      expect(existsSync(join(root, 'out/unknown-key'))).toBe(false);
      expect(existsSync(join(root, 'out/missing-backbone'))).toBe(false);
      expect(existsSync(join(root, 'out/other-device'))).toBe(false);
    },
    patience,
  );

  test(
    'the command line itself',
    async () => {
      const answer = (...options: string[]): Promise<CliRun> =>
        runCli(['answer', 'a.png', 'what?', '--adapter', 'x', ...options], { cwd: root });
      writeFileSync(join(root, 'no-answers.txt'), '\n \n');
      writeFileSync(join(root, 'some-answers.txt'), 'yes\n');
      const wrong = await Promise.all([
        answer('--temperature', '0'),
        answer('--top-p', '1.5'),
        answer('--beams', '2', '--seed', '1'),
        answer('--repetition-penalty', '0'),
        answer('--answers', 'nowhere.txt'),
        answer('--answers', 'no-answers.txt'),
        answer('--answers', 'some-answers.txt', '--stop', '.'),
      ]);
      for (const [index, message] of [
        /--temperature is 0; leave it out/,
        /--top-p is 1.5; give a number from 0 to 1/,
        /--beams 2 searches for the likeliest text; leave it out or --temperature/,
        /--repetition-penalty is 0; give a number above 0/,
        /--answers nowhere.txt cannot be read/,
        /--answers no-answers.txt is empty; write one answer a line/,
        /--answers ranks a list and writes no text/,
      ].entries())
        expectError(wrong[index]!, message);
      const evaluate = ['eval', '--adapter', 'x', '--data', 'y', '--json'];
      const [command, option, value, word, required, number, twice, list, choice, ...outputs] =
        await Promise.all([
          runCli(['capton']),
          runCli(['caption', 'a.png', '--adaptr', 'x']),
          runCli(['caption', 'a.png', '--adapter']),
          runCli(['answer', 'a.png', 'what', 'is', 'it', '--adapter', 'x']),
          runCli(['caption', 'a.png']),
          runCli(['caption', 'a.png', '--adapter', 'x', '--beams', 'many']),
          runCli(['caption', 'a.png', '--adapter', 'x', '--adapter=y']),
          runCli(['demo', '--set', 'steps=2', '--set', 'batchSize=2']),
          runCli(['caption', 'a.png', '--adapter', 'x', '--dtype', 'bfloat61']),
          runCli([...evaluate, root]),
          runCli([...evaluate, 'texts.jsonl', '--texts', './texts.jsonl']),
        ]);
      expectError(choice, /--dtype is "bfloat61"; did you mean "bfloat16"\? Choose float32, /);
      expectError(command, /there is no command "capton"; did you mean "caption"\?/);
      expectError(option, /there is no option --adaptr; did you mean --adapter\?/);
      expectError(value, /--adapter has no value; write --adapter DIR/);
      expectError(word, /"is" is one word too many.*put text with spaces in quotes/);
      expectError(required, /--adapter is missing; add --adapter DIR/);
      expectError(number, /--beams is "many"; give a whole number from 1/);
      expectError(twice, /--adapter is given twice; write it once/);
      expectError(outputs[0]!, /--json .* is a folder; give the path of a file/);
      expectError(outputs[1]!, /--texts and --json name the same file; give two/);
      expectError(list, /--set is given twice; write it once, with commas between its values/);
    },
    patience,
  );

  test(
    "import makes an adapter of ours from the authors' checkpoint",
    async () => {
      const fixtures = fileURLToPath(new URL('../../adapters/test/fixtures/', import.meta.url));
      const parts = [
        '--encoder',
        join(fixtures, 'backbones/vit'),
        '--language-model',
        join(fixtures, 'backbones/opt'),
        '--output',
        'out/imported',
      ];
      const checkpoint = join(fixtures, 'epalm-reference-generation/checkpoint_best.pth');
      writeFileSync(join(root, 'other.yaml'), 'injected_hidden_states: 4\nstart_layer_idx: 1\n');
      const [imported, broken, incomplete] = await Promise.all([
        runCli(['import', checkpoint, ...parts], { cwd: root }),
        runCli(['import', 'other.yaml', ...parts], { cwd: root }),
        runCli(['import', checkpoint, '--config', 'other.yaml', ...parts], { cwd: root }),
      ]);
      expect(imported).toMatchObject({ code: 0, stderr: '' });
      expect(imported.stdout).toContain('4 features into layers 1 to 4, 10 soft tokens');
      expect(imported.stdout).toContain('--decoding reference --beams 3 --max-new-tokens 16\n');
      expect(existsSync(join(root, 'out/imported/adapter_model.safetensors'))).toBe(true);
      expectError(broken, /other.yaml: is not a file of torch.save/);
      expect(incomplete.code).toBe(1);
      expect(incomplete.stderr).toContain('end_layer_idx');
    },
    patience,
  );

  test(
    'help, version and info',
    async () => {
      const [help, version, info, ...helps] = await Promise.all([
        runCli(['--help']),
        runCli(['--version']),
        runCli(['info'], { env: { OCELLI_CUDA: '/nowhere/ocelli-cuda.node' } }),
        ...['demo', 'train', 'caption', 'answer', 'eval', 'info', 'import', 'verify', 'data'].map((name) =>
          runCli([name, '--help']),
        ),
      ]);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(info.stdout).toMatch(/instructionSet +(avx512|avx2|neon|portable)/);
      expect(info.stdout).toContain('epalm');
      expect(info.stdout).toMatch(
        /devices\n {2}cpu {3}\S.*\n {2}cuda {2}cannot be used: Cannot find module '\/nowhere/,
      );
      for (const text of [
        '--temperature T',
        '--top-k N',
        '--top-p P',
        '--seed N',
        '--stop TEXT',
        '--answers FILE',
      ])
        expect(helps[3]!.stdout).toContain(text);
      for (const { code, stdout } of helps) {
        expect(code).toBe(0);
        expect(stdout).toMatch(/Usage: ocelli .*Options:.*Examples:\n {2}ocelli /s);
      }
    },
    patience,
  );
});

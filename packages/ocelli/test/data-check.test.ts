// Runs `ocelli data check` in processes of its own.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasFfmpeg, makeTone, makeVideo } from './media-files.js';
import { makeOwnPictures } from './own-pictures.js';
import { type CliRun, runCli } from './run-cli.js';

const patience = 300_000;
const root = mkdtempSync(join(tmpdir(), 'ocelli-data-'));
const check = (...args: string[]): Promise<CliRun> => runCli(['data', 'check', ...args], { cwd: root });

test(
  'a folder that is whole, as a folder, by its file and in a configuration',
  async () => {
    makeOwnPictures(join(root, 'whole'));
    writeFileSync(
      join(root, 'whole.yaml'),
      'data: { train: { format: folder, directory: whole, subset: { first: 1 } }, validation: { emojiScenes: { split: train, size: 3 } } }',
    );
    writeFileSync(join(root, 'drawn.yaml'), 'data: { train: { emojiScenes: { split: train } } }');
    const [folder, file, config, drawn] = await Promise.all([
      check('whole'),
      check('whole/captions.jsonl', '--media', '--json'),
      check('whole.yaml', '--media'),
      check('drawn.yaml'),
    ]);
    expect(folder.code).toBe(0);
    expect(folder.stdout).toMatch(
      /^folder, .*whole\/captions\.jsonl\n {2}samples {4}4\n {2}texts {6}4 captions, 4 questions\n/,
    );
    expect(folder.stdout).toContain(
      '  media      4 pictures: each is there and readable unless it is named below\n',
    );
    expect(folder.stdout).toMatch(/ {2}broken {5}nothing\n$/);
    expect(folder.stderr).toContain('read folder');
    expect(folder.stderr).toContain('check folder');
    expect(JSON.parse(file.stdout)).toMatchObject([
      {
        place: null,
        format: 'folder',
        counts: { samples: 4, questions: 4, pictures: 4 },
        published: null,
        problems: [],
      },
    ]);
    expect(config.code).toBe(0);
    expect(config.stdout).toContain('data.train: folder, ');
    expect(config.stdout).not.toContain('data.validation');
    expect(drawn).toMatchObject({ code: 0, stdout: '' });
    expect(drawn.stderr).toContain('note: emoji scenes are drawn when asked for');
    expect(config.stdout).toContain('4 pictures: each decodes unless it is named below');
  },
  patience,
);

test(
  'what is broken is listed by kind, ten of each, and the exit code is 1',
  async () => {
    const directory = join(root, 'broken');
    makeOwnPictures(directory);
    writeFileSync(join(directory, 'empty.png'), '');
    const png = readFileSync(join(directory, 'red.png'));
    writeFileSync(join(directory, 'half.png'), png.subarray(0, png.length / 2));
    mkdirSync(join(directory, 'folder.png'));
    const line = (image: string) => JSON.stringify({ image, caption: 'x' });
    const lines = [
      ...['empty.png', 'half.png', 'folder.png'].map(line),
      ...['a?', 'b?'].map((question) =>
        JSON.stringify({ image: 'half.png', question, answer: 'x', id: 'q' }),
      ),
      ...Array.from({ length: 12 }, (_, i) => line(`none-${String(i).padStart(2, '0')}.png`)),
      '{"image": "red.png"',
    ];
    writeFileSync(join(directory, 'captions.jsonl'), lines.join('\n'));
    const [there, decoded, rows] = await Promise.all([
      check('broken'),
      check('broken', '--media', '--json'),
      (() => {
        mkdirSync(join(root, 'rows'));
        const twice = `{"id": "a", "image": "red.png", "caption": "x"}\n`;
        writeFileSync(join(root, 'rows/rows.jsonl'), `${twice}${twice}{"image": 5, "caption": "x"}\n`);
        copyFileSync(join(directory, 'red.png'), join(root, 'rows/red.png'));
        return check('rows');
      })(),
    ]);
    expect(there.code).toBe(1);
    const shown = there.stdout.split('\n').filter((text) => text.includes('none-'));
    expect(shown).toHaveLength(10);
    expect(there.stdout).toContain('  broken     missing files: 12\n');
    expect(there.stdout).toContain('    and 2 more\n');
    expect(there.stdout).toMatch(
      / {2}broken {5}broken annotations: 1\n {4}\[dataset\] .*captions\.jsonl line 18 is not JSON/,
    );
    expect(there.stdout).toMatch(
      /unreadable files: 2\n {4}.*empty\.png is empty\n {4}.*folder\.png is no file/,
    );
    expect(there.stdout).toContain('ids that are not unique: 1\n    half.png#q\n');
    expect(there.stdout).not.toContain('/half.png');
    expect(there.stderr).toMatch(
      /ocelli: \[data check\] 16 broken, listed above; correct them or take them out\n$/,
    );
    const [report] = JSON.parse(decoded.stdout) as [
      { problems: { kind: string; count: number; first: string[] }[] },
    ];
    expect(report.problems.map(({ kind, count }) => [kind, count])).toEqual([
      ['annotations', 1],
      ['ids', 1],
      ['missing', 12],
      ['unreadable', 2],
      ['undecodable', 1],
    ]);
    expect(report.problems[4]!.first[0]).toContain('half.png');
    expect(rows.code).toBe(1);
    expect(rows.stdout).toMatch(/^jsonl, .*rows\n {2}samples {4}2\n/);
    expect(rows.stdout).toMatch(
      /broken annotations: 1\n {4}\[dataset\] .*rows\.jsonl line 3 does not fit its format: \.image/,
    );
    expect(rows.stdout).toContain('ids that are not unique: 1\n    a\n');
  },
  patience,
);

test(
  'a published data set is compared with its published size',
  async () => {
    const question = { question: 'Is it red?', imageId: '1', answer: 'yes' };
    writeFileSync(
      join(root, 'val_balanced_questions.json'),
      JSON.stringify({ '01': question, '02': question }),
    );
    makeOwnPictures(join(root, 'images'));
    copyFileSync(join(root, 'images/red.png'), join(root, 'images/1.jpg'));
    writeFileSync(
      join(root, 'gqa.yaml'),
      'data:\n  train: { format: gqa, annotations: val_balanced_questions.json, images: images }\n',
    );
    const run = await check('gqa.yaml');
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('  texts      2 questions\n');
    expect(run.stdout).toContain(
      '  published  2 questions, 132,060 fewer than the 132,062 published of val\n',
    );
    rmSync(join(root, 'images/1.jpg'));
    expect((await check('gqa.yaml')).stdout).toMatch(/missing files: 1\n {4}.*images\/1\.jpg\n/);
  },
  patience,
);

test(
  'what cannot be checked is said in one sentence',
  async () => {
    mkdirSync(join(root, 'nothing'));
    writeFileSync(join(root, 'some.json'), '[]');
    writeFileSync(join(root, 'typo.yaml'), 'data:\n  train: { format: gqua, annotations: a, images: b }\n');
    const [none, folder, file, typo, action] = await Promise.all([
      check('nowhere'),
      check('nothing'),
      check('some.json'),
      check('typo.yaml'),
      runCli(['data', 'count', 'nothing'], { cwd: root }),
    ]);
    expect(none.stderr).toMatch(
      /^ocelli: \[data\] there is no .*nowhere; give a configuration, a folder or a file\n$/,
    );
    expect(folder.stderr).toContain(
      'nothing has neither captions.jsonl nor a .jsonl, .parquet or .tar file; write',
    );
    expect(file.stderr).toContain(
      'some.json does not say by its name what it is; write its format into a configuration',
    );
    expect(typo.stderr).toContain(
      'line 2: data.train.format is "gqua", which is unknown; did you mean "gqa"?',
    );
    expect(action.stderr).toBe('ocelli: [data] there is no action "count"; write ocelli data check DATA\n');
    for (const run of [none, folder, file, typo, action]) expect(run).toMatchObject({ code: 1, stdout: '' });
  },
  patience,
);

test(
  'videos and sound are decoded with --media',
  async () => {
    const directory = join(root, 'clips');
    mkdirSync(directory);
    if (hasFfmpeg) makeVideo(join(directory, 'good.mp4'));
    makeTone(join(directory, 'good.wav'), 440);
    for (const name of ['bad.mp4', 'bad.wav']) writeFileSync(join(directory, name), 'no media');
    const line = (name: string) =>
      `${JSON.stringify({ [name.endsWith('mp4') ? 'video' : 'audio']: name, caption: 'x' })}\n`;
    const names = [...(hasFfmpeg ? ['good.mp4', 'bad.mp4'] : []), 'good.wav', 'bad.wav'];
    writeFileSync(join(directory, 'captions.jsonl'), names.map(line).join(''));
    const [there, decoded] = await Promise.all([check('clips'), check('clips', '--media')]);
    expect(there.code).toBe(0);
    expect(decoded.code).toBe(1);
    expect(decoded.stdout).toContain(`files that cannot be decoded: ${names.length / 2}\n`);
    expect(decoded.stdout).toContain('bad.wav');
    expect(decoded.stdout).not.toContain('good');
  },
  patience,
);

test(
  'Ctrl-C stops it',
  async () => {
    const directory = join(root, 'many');
    makeOwnPictures(directory);
    const line = (i: number) => `${JSON.stringify({ image: 'red.png', caption: String(i) })}\n`;
    writeFileSync(join(directory, 'rows.jsonl'), Array.from({ length: 300_000 }, (_, i) => line(i)).join(''));
    let isAsked = false;
    const run = await runCli(['data', 'check', 'many/rows.jsonl', '--media'], {
      cwd: root,
      onOutput: (text, kill) => {
        if (isAsked || !text.includes('check jsonl')) return;
        isAsked = true;
        kill('SIGINT');
      },
    });
    expect(run).toMatchObject({ code: 130, stdout: '' });
    expect(run.stderr).toContain('stopping');
  },
  patience,
);

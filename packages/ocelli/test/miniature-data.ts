import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from '../src/report/index.js';
import { makeTone, makeVideo } from './media-files.js';

/** Three of everything: enough for a batch of four questions. */
const numbers = [1, 2, 3];
const colours = ['red', 'green', 'blue'];

function writeJson(root: string, path: string, value: unknown): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(value));
}

function writePicture(root: string, folder: string, name: string, number: number): void {
  mkdirSync(join(root, folder), { recursive: true });
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * number * 37) % 256);
  writeFileSync(join(root, folder, name), encodePng({ data, width: 40, height: 30, channels: 3 }));
}

/** VQA v2 as the lists of eP-ALM and VL-T5, with the fields that these have. */
export function makeVqa(root: string): void {
  for (const split of ['karpathy_train', 'karpathy_val', 'karpathy_test', 'train_standard', 'val_standard']) {
    const subset = split.includes('train') ? 'train2014' : 'val2014';
    const rows = numbers.map((n) => ({
      img_id: `COCO_${subset}_${String(n).padStart(12, '0')}`,
      question_id: 1000 * n,
      sent: `What color is number ${n}?`,
      label: { [colours[n - 1]!]: 1, grey: 0.3 },
      question_type: 'what color is',
      answer_type: n === 3 ? 'number' : 'other',
      answers: Array.from({ length: 10 }, (_, id) => ({
        answer: id < 9 ? colours[n - 1] : 'grey',
        answer_confidence: 'yes',
        answer_id: id + 1,
      })),
    }));
    writeJson(root, `vqa/${split}.json`, rows);
    for (const { img_id } of rows)
      writePicture(root, `COCO/images/${subset}`, `${img_id}.jpg`, rows.length + rows[0]!.question_id);
  }
}

/** GQA as the lists of LXMERT and VL-T5. */
export function makeGqa(root: string): void {
  for (const [split, folder] of Object.entries({
    train: 'VG/VG_100K',
    valid: 'VG/VG_100K',
    testdev: 'GQA/images',
  })) {
    const rows = numbers.map((n) => ({
      img_id: `${split === 'testdev' ? 'n' : ''}23400${n}`,
      question_id: `0293015${n}`,
      sent: 'Is it dark?',
      label: { [n === 1 ? 'no' : 'yes']: 1 },
    }));
    writeJson(root, `GQA/${split}.json`, rows);
    for (const [n, { img_id }] of rows.entries()) writePicture(root, folder, `${img_id}.jpg`, n + 1);
  }
}

/** COCO captions in Karpathy's splits. */
export function makeCoco(root: string): void {
  const images = ['train', 'restval', 'val', 'test'].flatMap((split, place) =>
    numbers.map((n) => {
      const filepath = split === 'train' ? 'train2014' : 'val2014';
      const cocoid = 10 * place + n;
      const filename = `COCO_${filepath}_${String(cocoid).padStart(12, '0')}.jpg`;
      writePicture(root, `COCO/images/${filepath}`, filename, cocoid);
      const sentences = Array.from({ length: 5 }, (_, i) => ({
        tokens: ['a', colours[n - 1], 'square'],
        raw: `A ${colours[n - 1]} square number ${i}.`,
        imgid: cocoid,
        sentid: 5 * cocoid + i,
      }));
      return { filepath, filename, split, cocoid, imgid: cocoid, sentids: [], sentences };
    }),
  );
  writeJson(root, 'COCO/dataset_coco.json', { images, dataset: 'coco' });
}

/** MSRVTT-QA and MSVD-QA as eP-ALM's lists, MSR-VTT captions too; needs ffmpeg. */
export function makeVideos(root: string): void {
  mkdirSync(join(root, 'videos/all'), { recursive: true });
  const named = { msrvtt: (n: number) => `video${n}.mp4`, msvd: (n: number) => `clip_${n}_9.avi` };
  for (const [name, video] of Object.entries(named)) {
    for (const n of numbers) makeVideo(join(root, 'videos/all', video(n)), 200 * n);
    for (const split of ['train', 'val', 'test']) {
      const rows = numbers.map((n) => ({
        video: video(n),
        question_id: String(n),
        sent: 'what is shown?',
        label: { [colours[n - 1]!]: 1 },
      }));
      writeJson(root, `annotation/${name}_vqa_${split}.json`, rows);
    }
  }
  for (const split of ['train7k', 'test']) {
    const rows = numbers.map((n) => ({
      video: named.msrvtt(n),
      caption: [`a ${colours[n - 1]} test picture`, 'colours move'],
    }));
    writeJson(root, `annotation/msrvtt_caption_${split}.json`, rows);
  }
}

/** AudioCaps as eP-ALM's lists. */
export function makeRecordings(root: string): void {
  for (const split of ['train', 'val', 'test']) {
    mkdirSync(join(root, 'audios', split), { recursive: true });
    const rows = numbers.map((n) => {
      makeTone(join(root, 'audios', split, `tone${n}.wav`), 300 * n);
      const caption = [`a tone of ${300 * n} hertz`, 'something hums'];
      return { audio: `${split}/tone${n}.wav`, caption: split === 'train' ? caption[0] : caption };
    });
    writeJson(root, `annotation/audiocaps_caption_${split}.json`, rows);
  }
}

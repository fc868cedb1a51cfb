import { aOkvqa } from './a-okvqa.js';
import { audiocaps } from './audiocaps.js';
import { avqa, musicAvqa } from './avqa.js';
import { captionList } from './caption-list.js';
import { clotho } from './clotho.js';
import { cocoKarpathy, flickr30k } from './coco-karpathy.js';
import type { DatasetFormat } from './define-format.js';
import { esc50 } from './esc-50.js';
import { folder } from './folder.js';
import { gqa } from './gqa.js';
import { jsonl } from './jsonl.js';
import { slake, vqaRad } from './medical.js';
import { msrvtt } from './msrvtt.js';
import { nlvr, nlvr2 } from './nlvr.js';
import { nocaps } from './nocaps.js';
import { parquet } from './parquet.js';
import { scienceqa } from './scienceqa.js';
import { textcaps } from './textcaps.js';
import { tgifQa } from './tgif-qa.js';
import { tvc, yc2c } from './value-captions.js';
import { how2qa, tvqa } from './value-qa.js';
import { msrvttQa, msvdQa } from './video-qa.js';
import { visualGenomeQa } from './visual-genome-qa.js';
import { okVqa, vqa } from './vqa.js';
import { vqaList } from './vqa-list.js';
import { webdataset } from './webdataset.js';

const formats = [
  folder,
  jsonl,
  parquet,
  webdataset,
  vqa,
  vqaList,
  captionList,
  cocoKarpathy,
  gqa,
  nlvr2,
  msrvtt,
  msrvttQa,
  msvdQa,
  audiocaps,
  okVqa,
  aOkvqa,
  nlvr,
  nocaps,
  flickr30k,
  textcaps,
  scienceqa,
  visualGenomeQa,
  tgifQa,
  tvqa,
  how2qa,
  tvc,
  yc2c,
  clotho,
  esc50,
  avqa,
  musicAvqa,
  vqaRad,
  slake,
] as const;

/** The configuration of any format. */
export type FormatConfig = (typeof formats)[number] extends infer Format
  ? Format extends DatasetFormat<string, infer Config>
    ? Config
    : never
  : never;

/** Every format that a configuration may name, first those for data of one's own. */
export const datasetFormats: readonly DatasetFormat[] =
  formats as readonly unknown[] as readonly DatasetFormat[];

/** The format of this name, or undefined. */
export function datasetFormat(name: string): DatasetFormat | undefined {
  return datasetFormats.find((format) => format.name === name);
}

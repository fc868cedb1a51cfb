import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { oneOrMore } from './fields.js';
import { clipFile, imageFile, withEnding } from './media-files.js';
import { mediaFolder } from './media-folder.js';
import { SampleCollector } from './sample-collector.js';

const record = z
  .object({
    image: z.string().optional(),
    video: z.string().optional(),
    audio: z.string().optional(),
    caption: oneOrMore,
  })
  .refine(
    ({ image, video, audio }) => [image, video, audio].filter((one) => one !== undefined).length === 1,
    {
      message: 'has to have one of "image", "video" and "audio"',
    },
  );

/** Lists of captions in the form of ALBEF, ALPRO and eP-ALM. */
export const captionList = defineFormat({
  name: 'caption-list',
  title: "Lists of captions, as eP-ALM's (MSR-VTT, AudioCaps)",
  modalities: ['image', 'video', 'audio'],
  task: 'captions',
  licence: 'those of the data sets',
  source:
    "eP-ALM's https://nuage.isir.upmc.fr/index.php/s/ACRfZgaZTp9boZ8 (`msrvtt_caption_train7k.json`, `audiocaps_caption_train.json`, ...)",
  reads:
    'a list: `image`, `video` or `audio` (a path in its folder), `caption` (one text or several). One sample a file.',
  published: {
    counted: 'samples',
    sizes: { audiocaps_caption_train: 49_838, audiocaps_caption_val: 495, audiocaps_caption_test: 975 },
  },
  fields: {
    annotations: path('path of the list'),
    images: optionalPath('folder of the pictures'),
    videos: optionalPath('folder of the videos'),
    audios: optionalPath('folder of the recordings'),
  },
  paths: ['annotations', 'images', 'videos', 'audios'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: { image, video, audio, caption }, where }) => {
      const media =
        image !== undefined
          ? { image: imageFile(mediaFolder(config, 'images', where), image) }
          : video !== undefined
            ? { video: clipFile(mediaFolder(config, 'videos', where), withEnding(video, '.mp4')) }
            : { audio: clipFile(mediaFolder(config, 'audios', where), withEnding(audio!, '.wav')) };
      samples.add((image ?? video ?? audio)!, media, { captions: caption.map((text) => text.trim()) });
    });
    return samples.dataset(config.annotations);
  },
});

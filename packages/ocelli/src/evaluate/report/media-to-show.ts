import type { EncoderConfig } from '@ocelli/backbones';
import { loadAudio, loadImage, loadVideo, type Media } from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import { besideEachOther } from '../../pipelines/beside-each-other.js';
import { type ReportMedia, reportMedia, reportSeconds } from '../../report/index.js';

const frames = 12;

/**
 * What an encoder sees or hears of a sample, for a report: the picture (several beside each other), frames of the video,
 * or the sound.
 *
 * @throws {DatasetError} naming what cannot be read.
 */
export async function mediaToShow(
  { image, images, video, audio }: Media,
  modality: EncoderConfig['modality'],
  signal?: AbortSignal,
): Promise<ReportMedia> {
  const abort = signal && { signal };
  if (modality === 'audio') {
    const sound = audio ?? (video && (video.kind === 'file' || video.kind === 'bytes') ? video : undefined);
    // A little more than is shown tells whether there is more.
    if (sound) return reportMedia(await loadAudio(sound, { maxSeconds: reportSeconds + 1, ...abort }));
  }
  if (images)
    return reportMedia(await besideEachOther(await Promise.all(images.map((one) => loadImage(one)))));
  if (image && (modality === 'image' || !video)) {
    if (modality === 'image') return reportMedia(await loadImage(image));
    return reportMedia(await loadVideo(image, { frames, ...abort }));
  }
  if (video) {
    const shown = await loadVideo(video, { frames, ...abort });
    const { start = 0, end = shown.duration } = 'start' in video || 'end' in video ? video : {};
    return reportMedia({ ...shown, duration: Math.min(end, shown.duration) - start });
  }
  throw new OcelliError('report', 'there is no picture, video or sound to show');
}

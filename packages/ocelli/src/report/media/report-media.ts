import type { Pixels, Video, Waveform } from '@ocelli/datasets';
import { resample } from '@ocelli/datasets';
import sharp, { type Sharp } from 'sharp';
import { checkPixels } from '../check-pixels.js';
import { encodeWav } from './encode-wav.js';
import type { ReportMedia, ReportSound, ReportVideo } from './media-data.js';
import { pngDataUri } from './png-data-uri.js';
import { spectrogram } from './spectrogram.js';

// A page holds dozens of these: pictures as large as they are shown, and sound as telephones of today carry it.
const pictureEdge = 360;
const frameEdge = 208;
const mostFrames = 16;
/** Pictures up to this edge are drawings more often than photographs: they keep every pixel. */
const losslessEdge = 160;
/** How much of a recording is shown. */
export const reportSeconds = 10;
const highestRate = 16_000;
const quality = 80;

/**
 * A picture, a video or sound for a report, small enough that many fit a page: pictures up to 160 pixels keep every
 * pixel, larger ones become WebP of at most 360; of a video at most 16 frames of at most 208 pixels; of sound the first
 * 10 seconds, one channel of 16 bits at no more than 16 kHz, with its spectrogram. A video of one frame, or of no length, is a picture.
 *
 * @throws RangeError if pixels do not fit their size, a video has no frames, or sound has no samples.
 */
export async function reportMedia(content: Pixels | Video | Waveform): Promise<ReportMedia> {
  if ('samples' in content) return sound(content);
  if (!('frames' in content)) return { kind: 'picture', picture: await picture(content) };
  const [first, ...others] = content.frames;
  if (!first) throw new RangeError('[reportMedia] a video has no frames; give at least one');
  if (others.length === 0 || content.duration === 0)
    return { kind: 'picture', picture: await picture(first) };
  return video(content, first);
}

async function picture(pixels: Pixels): Promise<string> {
  checkPixels('reportMedia', pixels);
  if (Math.max(pixels.width, pixels.height) <= losslessEdge) return pngDataUri(pixels);
  return webp(shrunk(pixels, pictureEdge));
}

async function video({ frames: all, duration }: Video, first: Pixels): Promise<ReportVideo> {
  const frames =
    all.length <= mostFrames
      ? all
      : Array.from({ length: mostFrames }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / mostFrames)]!);
  const scale = Math.min(1, frameEdge / Math.max(first.width, first.height));
  const [width, height] = [first.width, first.height].map((edge) =>
    Math.max(1, Math.round(edge * scale)),
  ) as [number, number];
  const layers = await Promise.all(
    frames.map(async (frame, place) => {
      checkPixels('reportMedia', frame);
      const input = await raw(frame).resize(width, height, { fit: 'contain' }).raw().toBuffer();
      return { input, raw: { width, height, channels: 3 as const }, left: place * width, top: 0 };
    }),
  );
  const ground = { width: width * frames.length, height, channels: 3 as const, background: '#000' };
  const strip = sharp({ create: ground }).composite(layers);
  return {
    kind: 'video',
    strip: await webp(strip),
    frames: frames.length,
    aspectRatio: width / height,
    seconds: duration,
  };
}

async function sound(waveform: Waveform): Promise<ReportSound> {
  if (waveform.samples.length === 0)
    throw new RangeError('[reportMedia] sound has no samples; give at least one');
  const kept = waveform.samples.subarray(0, reportSeconds * waveform.samplingRate);
  const rate = Math.min(highestRate, waveform.samplingRate);
  const heard = resample({ ...waveform, samples: kept }, rate);
  return {
    kind: 'sound',
    sound: `data:audio/wav;base64,${encodeWav(heard).toString('base64')}`,
    ...(await spectrogram(heard)),
    isCut: kept.length < waveform.samples.length,
  };
}

function raw({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

function shrunk(pixels: Pixels, edge: number): Sharp {
  return raw(pixels).resize(edge, edge, { fit: 'inside', withoutEnlargement: true });
}

async function webp(image: Sharp): Promise<string> {
  return `data:image/webp;base64,${(await image.webp({ quality }).toBuffer()).toString('base64')}`;
}

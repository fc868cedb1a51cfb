import { escapeHtml } from '../escape-html.js';
import { formatCount, formatDuration } from '../format-number.js';
import { niceTicks } from '../nice-ticks.js';
import { addressOf, type ReportMedia, type ReportSound, type ReportVideo } from './media-data.js';
import { melHeight } from './spectrogram.js';

const PICTURE = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]+=*$/;
const SOUND = /^data:audio\/wav;base64,[A-Za-z0-9+/]+=*$/;
const PIXELATED_UP_TO = 160;
/** A loop shows each frame for so long, in seconds: a long video is shown in brief, and no frame only flashes. */
const FRAME_SECONDS = { least: 0.12, most: 0.5 };

/**
 * The media of one report. Each lies in the page once, however often it is shown: pictures as the background of a class,
 * sound in its first player.
 */
export class MediaBook {
  readonly #classes = new Map<string, { name: string; isPixelated: boolean }>();
  readonly #sounds = new Map<string, string>();

  /**
   * An element that shows or plays `media`: a picture in a square in which it lies whole; a video as a film, which a
   * button plays, over its frames; sound as its spectrogram over a player.
   *
   * @param description what a screen reader says
   * @throws TypeError for any address that is not within itself, since it would need the network or break the page
   */
  show(media: ReportMedia, description: string): string {
    switch (media.kind) {
      case 'picture':
        return this.thumbnail(media, description);
      case 'video':
        return this.#film(media, description);
      case 'sound':
        return this.#player(media, description);
    }
  }

  /** A small picture of `media`: its middle frame, or its spectrogram. */
  thumbnail(media: ReportMedia, description: string): string {
    const image = (name: string, style = '') =>
      `<span class="picture ${name}" role="img" aria-label="${escapeHtml(description)}"${style}></span>`;
    switch (media.kind) {
      case 'picture':
        return image(this.#class(media.picture));
      case 'video':
        return `<span class="picture still">${image(this.#class(media.strip, media.frames), ` style="${frameStyle(media, Math.floor(media.frames / 2))}"`)}</span>`;
      case 'sound':
        return image(`${this.#class(media.spectrogram)} whole`);
    }
  }

  /** The style rules of all pictures shown so far. */
  css(): string {
    return [...this.#classes]
      .map(([picture, { name, isPixelated }]) => {
        const rendering = isPixelated ? ';image-rendering:pixelated' : '';
        return `.${name}{background-image:url("${picture}")${rendering}}`;
      })
      .join('\n');
  }

  #film(video: ReportVideo, description: string): string {
    const { frames, aspectRatio, seconds } = video;
    const name = this.#class(video.strip, frames);
    const loop = Math.min(Math.max(seconds, frames * FRAME_SECONDS.least), frames * FRAME_SECONDS.most);
    const style = `--frames:${frames};--loop:${loop.toFixed(2)}s;aspect-ratio:${aspectRatio.toFixed(4)}`;
    const columns = Math.ceil(frames / Math.ceil(frames / 4));
    const cells = Array.from(
      { length: frames },
      (_, i) => `<i class="${name}" style="${frameStyle(video, i)}"></i>`,
    );
    return `<div class="film"><button type="button" class="screen" aria-pressed="false" aria-label="Play: ${escapeHtml(description)}"><span class="picture ${name}" style="${style}"></span></button>
<div class="strip" style="--columns:${columns}" role="img" aria-label="Frames of: ${escapeHtml(description)}">${cells.join('')}</div><small>${frames} frames of ${formatDuration(seconds)}</small></div>`;
  }

  #player(sound: ReportSound, description: string): string {
    const { seconds, highest, isCut } = sound;
    const times = niceTicks(0, seconds, 4).filter((time) => time <= seconds);
    const hertz = [100, 250, 500, 1000, 2000, 4000, 8000].filter(
      (frequency) => frequency <= highest && frequency >= highest / 16,
    );
    const labels = [
      ...hertz.map(
        (each) =>
          `<span class="tick-y" style="bottom:${percent(melHeight(each, sound))}">${formatCount(each)}</span>`,
      ),
      ...times.map(
        (time, i) =>
          `<span class="tick-x" style="left:${percent(time / seconds)}">${time}${i === times.length - 1 ? ' s' : ''}</span>`,
      ),
    ];
    const spoken = `Spectrogram, ${formatDuration(seconds)}, up to ${formatCount(highest)} Hz: ${description}`;
    const cut = isCut ? `<small>the first ${formatDuration(seconds)}</small>` : '';
    return `<div class="sound"><div class="spectrogram" role="img" aria-label="${escapeHtml(spoken)}"><span class="${this.#class(sound.spectrogram)} whole"></span>
${labels.join('')}<span class="unit-y">Hz</span></div>${this.#audio(sound, description)}${cut}</div>`;
  }

  #audio({ sound }: ReportSound, description: string): string {
    const label = `controls preload="metadata" aria-label="${escapeHtml(description)}"`;
    const known = this.#sounds.get(sound);
    // The page's script gives a repeated player the sound of the first.
    if (known !== undefined) return `<audio ${label} class="scripted" data-sound="${known}"></audio>`;
    check(sound, SOUND, 'sound', 'data:audio/wav');
    const id = `sound-${this.#sounds.size}`;
    this.#sounds.set(sound, id);
    return `<audio ${label} id="${id}" src="${sound}"></audio>`;
  }

  #class(picture: string, frames = 1): string {
    const known = this.#classes.get(picture);
    if (known) return known.name;
    check(picture, PICTURE, 'picture', 'data:image/...');
    const name = `picture-${this.#classes.size}`;
    // Enlarged drawings keep their pixels; a photograph that is made smaller must not lose rows.
    this.#classes.set(picture, { name, isPixelated: pngWidth(picture) / frames <= PIXELATED_UP_TO });
    return name;
  }
}

/** Media by what they show, in the order in which they first come. */
export function groupByMedia<Item extends { readonly media: ReportMedia }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const address = addressOf(item.media);
    groups.set(address, [...(groups.get(address) ?? []), item]);
  }
  return groups;
}

/** Shows frame number `at` of a strip alone. */
function frameStyle({ frames, aspectRatio }: ReportVideo, at: number): string {
  const place = percent(at / (frames - 1));
  const width = percent(Math.min(1, aspectRatio)); // whole in a square
  return `background-position:${place} 0;background-size:${100 * frames}% 100%;aspect-ratio:${aspectRatio.toFixed(4)};width:${width}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

function check(address: string, pattern: RegExp, what: string, wanted: string): void {
  if (pattern.test(address)) return;
  const found = address.length > 40 ? `${address.slice(0, 40)}...` : address;
  throw new TypeError(
    `[renderReport] a ${what} is "${found}"; pass a ${wanted};base64,... address (reportMedia makes one)`,
  );
}

function pngWidth(picture: string): number {
  const prefix = 'data:image/png;base64,';
  if (!picture.startsWith(prefix)) return Number.POSITIVE_INFINITY;
  const head = Buffer.from(picture.slice(prefix.length, prefix.length + 32), 'base64');
  return head.length >= 20 ? head.readUInt32BE(16) : Number.POSITIVE_INFINITY;
}

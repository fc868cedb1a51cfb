import { describe, expect, it } from 'vitest';
import { exampleSound, exampleVideo } from '../example-media.js';
import { MediaBook } from './media-book.js';
import { addressOf } from './media-data.js';
import { reportMedia } from './report-media.js';

describe('MediaBook', () => {
  it('plays a video from one picture of all frames', async () => {
    const book = new MediaBook();
    const video = await reportMedia(exampleVideo());
    const film = book.show(video, 'a "disc"');
    expect(film).toContain('--frames:8;--loop:2.00s;aspect-ratio:1.3333');
    expect(film).toContain('aria-label="Play: a &quot;disc&quot;"');
    expect(film).toContain('<small>8 frames of 2.0 s</small>');
    const places = [...film.matchAll(/<i class="picture-0" style="background-position:([\d.]+)% 0/g)];
    expect(places.map(([, place]) => Number(place))).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => Math.round((10_000 * i) / 7) / 100),
    );
    book.show(video, 'again');
    expect(book.thumbnail(video, 'small')).toContain('background-position:57.14% 0');
    expect(book.css().match(/url\(/g)).toHaveLength(1);
  });

  it('shows a long video in brief and lets no frame only flash', async () => {
    const video = await reportMedia(exampleVideo());
    if (video.kind !== 'video') throw new Error('no video');
    const loop = (seconds: number) =>
      /--loop:([\d.]+)s/.exec(new MediaBook().show({ ...video, seconds }, 'x'))![1];
    expect([100, 2, 0.1].map(loop)).toEqual(['4.00', '2.00', '0.96']);
  });

  it('holds a sound once, with the axes of its spectrogram', async () => {
    const book = new MediaBook();
    const sound = await reportMedia(exampleSound());
    const first = book.show(sound, 'a rising tone');
    expect(first).toContain('id="sound-0" src="data:audio/wav;base64,');
    for (const label of ['500', '1,000', '2,000', '4,000', '8,000', '0.5', '1', '1.5 s'])
      expect(first).toMatch(new RegExp(`<span class="tick-[xy]" style="[a-z]+:[\\d.]+%">${label}</span>`));
    expect(first).not.toContain('the first');
    const second = book.show(sound, 'again');
    expect(second).toContain('data-sound="sound-0"');
    expect(second).not.toContain('data:audio');
    const cut = { ...sound, isCut: true };
    expect(new MediaBook().show(cut, 'x')).toContain('<small>the first 1.5 s</small>');
  });

  it('refuses addresses that are not within themselves', async () => {
    const [video, sound] = [await reportMedia(exampleVideo()), await reportMedia(exampleSound())];
    if (video.kind !== 'video' || sound.kind !== 'sound') throw new Error('other media');
    const book = new MediaBook();
    expect(() => book.show({ ...video, strip: 'film.webp' }, 'x')).toThrow(TypeError);
    expect(() => book.show({ ...sound, sound: `${addressOf(sound)}" onplay="x` }, 'x')).toThrow(
      '[renderReport] a sound is "data:audio/wav;base64,',
    );
    expect(() => book.show({ ...sound, spectrogram: 'https://example.org' }, 'x')).toThrow(TypeError);
  });
});

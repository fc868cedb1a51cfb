import type { DemoModality } from '../modality.js';
import { audioDemo } from './audio.js';
import { imageDemo } from './image.js';
import { videoDemo } from './video.js';

/** What the demo can show, by `--modality`. */
export const modalities: Readonly<Record<DemoModality['name'], DemoModality>> = {
  image: imageDemo,
  video: videoDemo,
  audio: audioDemo,
};

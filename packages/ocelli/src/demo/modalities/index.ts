import type { DemoModality } from '../modality.js';
import { imageDemo } from './image.js';

/** What the demo can show, by `--modality`. */
export const modalities: Readonly<Record<DemoModality['name'], DemoModality>> = {
  image: imageDemo,
};

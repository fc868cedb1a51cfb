import sharp from 'sharp';
import { drawingOf } from './drawings.js';
import { canvasUnits } from './placement.js';
import { spriteSide } from './render-scene.js';
import type { Scene } from './scene.js';
import { spriteOf } from './sprite.js';

/**
 * A scene as one self-contained SVG of 64 x 64 units, for reports. The drawing stands in it as a PNG, so many scenes can
 * be put into one HTML page without their gradients' ids clashing.
 */
export async function sceneSvg(scene: Scene): Promise<string> {
  const [{ side, data }] = await spriteOf(
    await drawingOf(scene.artist, scene.concept),
    spriteSide(canvasUnits),
  );
  const straight = Uint8Array.from(data, (value, i) => {
    const alpha = data[i - (i % 4) + 3]!;
    return i % 4 === 3 || alpha === 0 ? value : Math.min(255, Math.round((value * 255) / alpha));
  });
  const png = await sharp(straight, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer();
  const source = `data:image/png;base64,${png.toString('base64')}`;
  const copies = scene.copies.map(({ x, y, size, rotation }) => {
    const place = `translate(${x.toFixed(3)} ${y.toFixed(3)}) rotate(${rotation.toFixed(3)}) scale(${(size / 2).toFixed(3)})`;
    return `<image href="${source}" x="-1" y="-1" width="2" height="2" transform="${place}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><rect width="64" height="64" fill="rgb(${scene.background.rgb.join(',')})"/>${copies.join('')}</svg>`;
}

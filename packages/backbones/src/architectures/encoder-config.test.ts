import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadBackbone, loadEncoder } from '../load.js';
import { parseAudioSpectrogramTransformerConfig } from './audio-spectrogram-transformer-config.js';
import { parseClipVisionConfig } from './clip-config.js';
import { parseDinov2Config } from './dinov2-config.js';
import { parseTimesformerConfig } from './timesformer-config.js';
import { parseVitConfig } from './vit-config.js';
import { parseWhisperEncoderConfig } from './whisper-config.js';

type Parse = (json: unknown, origin: string) => unknown;
type Json = Record<string, unknown>;

const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const configOf = (name: string): Json =>
  JSON.parse(readFileSync(`${folderOf(name)}/config.json`, 'utf8')) as Json;

it.each<[string, Parse, Json, RegExp]>([
  ['deit-distilled', parseVitConfig, { hidden_act: 'tanh' }, /vit that Ocelli runs[\s\S]*hidden_act/],
  ['deit-distilled', parseVitConfig, { head_dim: 5 }, /heads of another width .*\n.*head_dim/],
  ['deit-distilled', parseVitConfig, { num_attention_heads: 5 }, /width 24 is not a multiple of 5 heads/],
  [
    'deit-distilled',
    parseVitConfig,
    { image_size: 20 },
    /image size 20,20 is not a multiple of patch size 8/,
  ],
  ['deit-distilled', parseVitConfig, { patch_size: [8, 4] }, /patch_size/],
  ['clip-vision', parseClipVisionConfig, { image_size: [24, 32] }, /image_size/],
  ['clip', parseClipVisionConfig, { vision_config: { hidden_act: 'elu' } }, /hidden_act/],
  ['dinov2', parseDinov2Config, { image_size: [40, 24] }, /40,24 is not square.*imageSize/],
  ['dinov2', parseDinov2Config, { use_swiglu_ffn: 'yes' }, /use_swiglu_ffn/],
  ['dinov2-with-registers', parseDinov2Config, { num_register_tokens: -1 }, /num_register_tokens/],
  ['timesformer-joint', parseTimesformerConfig, { attention_type: 'axial' }, /attention_type/],
  [
    'ast',
    parseAudioSpectrogramTransformerConfig,
    { patch_size: 24 },
    /37 frames of 23 bins does not hold a patch of 24/,
  ],
  ['whisper', parseWhisperEncoderConfig, { activation_function: 'mish' }, /activation_function/],
])(
  '%$: the configuration of %s refuses what changes the arithmetic otherwise',
  (name, parse, change, message) => {
    const config = configOf(name);
    expect(() => parse(config, 'config.json')).not.toThrow();
    expect(() => parse({ ...config, ...change }, 'config.json')).toThrow(message);
  },
);

it.each([
  [{ global_pool: 'avg' }, /leaves out the final norm unless fc_norm is false/],
  [{ init_values: 1e-5 }, /init_values/],
  [{ class_token: false }, /class_token/],
])('refuses %o of a timm ViT', (args, message) => {
  const json = { architecture: 'vit_tiny_patch16_224', model_args: args };
  expect(() => parseVitConfig(json, 'config.json')).toThrow(message);
  expect(parseVitConfig({ architecture: 'vit_tiny_patch16_224' }, 'config.json')).toMatchObject({
    width: 192,
  });
});

it("lets CLIP's older vision_config_dict overrule, as transformers does", () => {
  const config = parseClipVisionConfig(
    { model_type: 'clip', vision_config: { patch_size: 16 }, vision_config_dict: { patch_size: 32 } },
    'config.json',
  );
  expect(config.patchSize).toBe(32);
});

it('takes the size of pictures for encoders of pictures only, in whole patches', () => {
  expect(() => loadEncoder(folderOf('whisper'), { imageSize: [16, 16] })).toThrow(
    /\[load\] .*whisper holds no image encoder; leave out the option imageSize/,
  );
  expect(() => loadBackbone(folderOf('opt-no-bias'), { imageSize: [16, 16] })).toThrow(/no image encoder/);
  expect(() => loadEncoder(folderOf('dinov2'), { imageSize: [16, 20] })).toThrow(
    /image size 16,20 is not a multiple of patch size 8/,
  );
  expect(() => loadEncoder(folderOf('dinov2'), { imageSize: [0, 24] })).toThrow(/is not a multiple/);
  expect(() => loadEncoder(folderOf('dinov2'), { frames: 4 })).toThrow(/holds no video encoder/);
  expect(() => loadEncoder(folderOf('timesformer-joint'), { frames: 1.5 })).toThrow(/whole number/);
  const encoder = loadEncoder(folderOf('dinov2'), { imageSize: [16, 24] });
  expect(encoder.config).toMatchObject({ inputShape: [3, 16, 24], tokens: 7 });
  encoder.dispose();
});

it('runs DINOv2 at the size that its processor makes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-dinov2-'));
  await cp(folderOf('dinov2'), folder, { recursive: true });
  const processor = {
    image_processor_type: 'BitImageProcessor',
    size: { shortest_edge: 40 },
    crop_size: { height: 24, width: 24 },
    resample: 3,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  const encoder = loadEncoder(folder);
  expect(encoder.config).toMatchObject({ inputShape: [3, 24, 24], tokens: 10 });
  encoder.dispose();
  const asked = loadEncoder(folder, { imageSize: [32, 32] });
  expect(asked.config.inputShape).toEqual([3, 32, 32]);
  expect(asked.fingerprint).not.toBe(encoder.fingerprint); // their features are not the same
  asked.dispose();
  await rm(folder, { recursive: true });
});

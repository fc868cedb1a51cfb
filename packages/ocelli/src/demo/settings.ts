import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { nearest } from '../config/nearest.js';

const count = z.number().int().positive();
const rate = z.number().nonnegative();

/** One row of the demo: an adapter method with its configuration and learning rates. */
export const methodSettingsSchema = z.strictObject({
  /** Name of a registered adapter method. */
  adapter: z.string(),
  /** Its configuration. */
  config: z.record(z.string(), z.unknown()).default({}),
  learningRate: rate,
  /** Of the soft prompt. Default: `learningRate`. */
  promptLearningRate: rate.optional(),
  weightDecay: rate.optional(),
  /** Default: those of the demo. */
  steps: count.optional(),
  batchSize: count.optional(),
  /** What it is given of a sample: all, its middle frame only, or zeros. The last two are floors, no methods. */
  given: z.enum(['all', 'still', 'nothing']).default('all'),
});

/** Everything that can be chosen about the demo. */
export const demoSettingsSchema = z.strictObject({
  concepts: z.enum(['demo', 'harder', 'all']),
  /** Samples to train on; features are encoded once for all methods. */
  trainSamples: count,
  /** Samples of each held-out split. */
  heldOutSamples: count,
  /** Of them, so many are asked the five questions. */
  questionedSamples: count,
  steps: count,
  batchSize: count,
  schedule: z.enum(['constant', 'linear', 'cosine']),
  warmUp: z.number().int().nonnegative(),
  weightDecay: rate,
  clipNorm: z.number().positive(),
  /** How often a sample's caption stands among the examples of an epoch, beside each of its five questions once. */
  captionWeight: count,
  /** Which captions are trained on: the canonical one, or all five variants in turn. */
  captions: z.enum(['first', 'all']),
  similarLengths: z.boolean(),
  maxNewTokens: count,
  /** Captions or answers whose text is generated at once. */
  generationBatch: count,
  probe: z.strictObject({ epochs: count, batchSize: count, learningRate: rate, weightDecay: rate }),
  methods: z.record(z.string(), methodSettingsSchema),
});

export type MethodSettings = z.infer<typeof methodSettingsSchema>;
export type DemoSettings = z.infer<typeof demoSettingsSchema>;

const epalm = (config: Record<string, unknown>): MethodSettings => ({
  adapter: 'epalm',
  config: { features: 4, startLayer: 1, endLayer: 6, ...config },
  learningRate: 1e-2,
  given: 'all',
});

/** The published settings, chosen on the validation artist (emojione) alone. */
export const defaultSettings: DemoSettings = {
  concepts: 'demo',
  trainSamples: 7000,
  heldOutSamples: 400,
  questionedSamples: 200,
  steps: 700,
  batchSize: 32,
  schedule: 'cosine',
  warmUp: 20,
  weightDecay: 0,
  clipNorm: 1,
  captionWeight: 2,
  captions: 'first',
  similarLengths: false,
  maxNewTokens: 24,
  generationBatch: 100,
  probe: { epochs: 20, batchSize: 128, learningRate: 3e-3, weightDecay: 0.01 },
  methods: {
    epalm: epalm({ prompt: { length: 1 } }),
    'epalm-shared': epalm({ sharedProjection: true, prompt: { length: 1 } }),
    'epalm-prompt-10': epalm({ prompt: { length: 10 } }),
    'epalm-shared-prompt-10': epalm({ sharedProjection: true, prompt: { length: 10 } }),
    limber: { adapter: 'limber', config: { tokens: 'class' }, learningRate: 2e-2, given: 'all' },
    'limber-all': { adapter: 'limber', config: { tokens: 'all' }, learningRate: 1e-2, given: 'all' },
    promptfuse: { adapter: 'promptfuse', config: { promptLength: 10 }, learningRate: 1e-1, given: 'all' },
    magma: { adapter: 'magma', config: { tokens: 'class' }, learningRate: 1e-2, given: 'all' },
    blind: { ...epalm({ prompt: { length: 1 } }), given: 'nothing' },
    'single-frame': { ...epalm({ prompt: { length: 1 } }), given: 'still' },
  },
};

/** The methods that the demo trains unless told otherwise; the floors come on top. */
export const defaultMethods = ['epalm', 'epalm-shared', 'limber', 'promptfuse', 'magma'] as const;

/**
 * Settings with changes such as `steps=200` or `methods.epalm.learningRate=3e-3`; the path `methods.` may be left out for
 * a method, and `*.learningRate=...` is for all of them.
 *
 * @throws {OcelliError} naming the key or value that does not fit.
 */
export function changeSettings(settings: DemoSettings, changes: readonly string[]): DemoSettings {
  const result = structuredClone(settings) as unknown as Record<string, unknown>;
  for (const change of changes) applyChange(result, change);
  const parsed = demoSettingsSchema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new OcelliError('demo', `--set gives settings that do not fit: ${z.prettifyError(parsed.error)}`);
}

function applyChange(settings: Record<string, unknown>, change: string): void {
  const [, path, text] = /^([^=]+)=(.*)$/.exec(change) ?? [];
  if (path === undefined) {
    throw new OcelliError('demo', `--set ${change} has no "="; write --set steps=200`);
  }
  const methods = settings.methods as Record<string, unknown>;
  let keys = path.split('.');
  if (keys[0] === '*') {
    for (const name of Object.keys(methods)) setAt(methods, [name, ...keys.slice(1)], text!, path);
    return;
  }
  if (keys[0]! in methods) keys = ['methods', ...keys];
  if (!(keys[0]! in settings)) {
    const guess = nearest(keys[0]!, [...Object.keys(settings), ...Object.keys(methods)]);
    throw new OcelliError(
      'demo',
      `--set ${change}: there is no setting "${keys[0]}"; ${guess ? `did you mean "${guess}"?` : `there are ${Object.keys(settings).join(', ')}`}`,
    );
  }
  setAt(settings, keys, text!, path);
}

function setAt(target: Record<string, unknown>, keys: readonly string[], text: string, path: string): void {
  let object = target;
  for (const key of keys.slice(0, -1)) {
    object[key] ??= {};
    const next = object[key];
    if (typeof next !== 'object' || next === null) {
      throw new OcelliError('demo', `--set ${path}: "${key}" is a value, nothing lies under it`);
    }
    object = next as Record<string, unknown>;
  }
  object[keys.at(-1)!] = parseValue(text);
}

/** Numbers, booleans, null, lists and objects as JSON; anything else is a string. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Number.isNaN(Number(text)) || text.trim() === '' ? text : Number(text);
  }
}

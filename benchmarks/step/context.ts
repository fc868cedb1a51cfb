import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device, type WeightType } from '@ocelli/ops';
import type { Contender } from '../harness/case.js';
import type { Bench } from '../harness/suite.js';
import type { PeerCase, PeerProcess } from '../peers/peer-process.js';
import { openTorch } from '../peers/torch.js';
import { encodedFeatures, encodePictures, type KnownFeatures } from './features.js';
import { writeInputs } from './inputs.js';
import { type ModelFiles, writeModelFiles } from './model-files.js';
import { loadStepModels, OurStep, type StepModels } from './our-step.js';
import { checkSameLosses } from './same-losses.js';
import { epalmConfig, learningRate, type StepShape } from './settings.js';

/** The encoder inside the step, or its features from the cache. */
export type FeatureSource = 'encode' | 'cache';

/** What the measurements of this suite share. */
export interface StepContext {
  readonly files: ModelFiles;
  /** PyTorch, if there is an interpreter with it. */
  readonly torch: PeerProcess | null;
  /** @param dtype of the frozen weights. */
  step(source: FeatureSource, shape: StepShape, dtype?: WeightType): OurStep;
  /** PyTorch's ways to do the same step (`variant` names one), once their losses have been compared with those of ours. */
  peers(source: FeatureSource, shape: StepShape, threads: number): Promise<Contender[]>;
  /** The step as PyTorch's process is asked for it. */
  request(source: FeatureSource, shape: StepShape, threads: number, variant: string): Promise<PeerCase>;
  close(): Promise<void>;
}

/**
 * Writes and loads the models and starts PyTorch. The variable OCELLI_BENCH_MODELS names a folder in which the models stay
 * for the next run.
 */
export async function openStepContext(bench: Bench): Promise<StepContext> {
  const files = await writeModelFiles(process.env.OCELLI_BENCH_MODELS || undefined);
  const scratch = mkdtempSync(join(tmpdir(), 'ocelli-benchmark-'));
  const models = new Map<WeightType, StepModels>();
  const modelsOf = (dtype: WeightType): StepModels => {
    const loaded = models.get(dtype) ?? loadStepModels(files, dtype);
    models.set(dtype, loaded);
    return loaded;
  };
  let features: KnownFeatures | undefined;
  const close = async (): Promise<void> => {
    await features?.close();
    for (const loaded of models.values()) loaded.dispose();
    await device.emptyCache();
    files.remove();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const known = await encodePictures(modelsOf('float32'), join(scratch, 'features'));
    features = known;
    const { python } = bench;
    const torch =
      python === undefined ? null : await bench.start('PyTorch for the step', () => openTorch(python));
    const step: StepContext['step'] = (source, shape, dtype = 'float32') => {
      const { batch } = shape;
      const loaded = modelsOf(dtype);
      return new OurStep(
        loaded,
        shape,
        source === 'encode' ? encodedFeatures(loaded, batch) : known.cached(batch),
      );
    };
    const request: StepContext['request'] = async (source, shape, threads, variant) => ({
      case: 'epalm_step',
      threads,
      variant,
      features: source,
      ...shape,
      languageModel: files.languageModel,
      encoder: files.encoder,
      adapter: files.adapter,
      inputs: await writeInputs(scratch, shape, known),
      startLayer: epalmConfig.startLayer,
      endLayer: epalmConfig.endLayer,
      learningRate,
    });
    return {
      files,
      torch,
      step,
      request,
      close,
      async peers(source, shape, threads) {
        if (!torch) return [];
        const contenders = await torch.contenders(await request(source, shape, threads, 'all'));
        const ours = step(source, shape);
        try {
          await checkSameLosses(ours, torch, contenders);
        } finally {
          ours.dispose();
        }
        return contenders;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

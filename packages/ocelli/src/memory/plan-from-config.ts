import { createAdapter } from '@ocelli/adapters';
import { device, dryRun, Random } from '@ocelli/ops';
import type { OcelliConfig } from '../config/read-config.js';
import { openData } from '../data/open-data.js';
import { samplesToPlan } from '../data/read-samples.js';
import { exampleOptions, textExamples } from '../data/text-examples.js';
import { type LocateOptions, locateBackbones } from '../pipelines/locate-backbones.js';
import { openBackbones } from '../pipelines/open-backbones.js';
import { fitBudget } from './fit-budget.js';
import type { TrainingPlan } from './plan-training.js';

/** Plans the training of a configuration without loading a weight or reading a picture; a hub id's files are downloaded. */
export async function planFromConfig(
  config: OcelliConfig,
  options: LocateOptions = {},
): Promise<TrainingPlan> {
  const located = await locateBackbones(config, options);
  // A dry run is one of the device in use when it begins.
  if (config.device) device.use(config.device);
  const backbones = dryRun(() => openBackbones(located, { dtype: config.dtype, inputs: config.inputs }));
  const adapter = dryRun(() =>
    createAdapter(config.adapter.method, config.adapter.config, {
      languageModel: backbones.languageModel.config,
      encoder: backbones.encoder.config,
      random: new Random(config.training.seed),
    }),
  );
  try {
    const { train, validation } = config.data;
    const { config: encoder } = backbones.encoder;
    const own = await samplesToPlan(await openData(train, encoder), config);
    const held = validation ? await samplesToPlan(await openData(validation, encoder), config) : null;
    const examples = textExamples(own.samples, exampleOptions(config, 'data.train'));
    const pictures = own.kept * (config.training.augmentation?.versions ?? 1) + (held?.kept ?? 0);
    return fitBudget({ config, backbones, adapter, examples, pictures, isStreamed: own.isStreamed });
  } finally {
    adapter.dispose();
    backbones.dispose();
  }
}

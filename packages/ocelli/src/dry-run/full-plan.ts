import { createAdapter } from '@ocelli/adapters';
import {
  type Encoder,
  type LanguageModel,
  loadEncoder,
  loadLanguageModel,
  type WeightSource,
} from '@ocelli/backbones';
import { device, dryRun, empty, Random } from '@ocelli/ops';
import type { ImageTextExample } from '@ocelli/training';
import type { OcelliConfig } from '../config/read-config.js';
import { fitBudget } from '../memory/fit-budget.js';
import type { TrainingPlan } from '../memory/plan-training.js';
import { openBackbones } from '../pipelines/open-backbones.js';
import type { DryRunBackbone } from './stand-ins.js';

/** Tensors without values: only for dry runs. */
const shapesOnly: WeightSource = {
  description: 'a plan',
  has: () => true,
  load: (_, shape) => empty(shape),
};

/** What a plan is of. */
export interface FullPlanParts {
  readonly encoder: DryRunBackbone;
  readonly languageModel: DryRunBackbone;
  readonly examples: readonly ImageTextExample[];
  /** Pictures, videos and recordings of all data sets. */
  readonly media: number;
}

/**
 * The memory that the training of a configuration takes with its real backbones, those that are not on this machine among
 * them; also checks that the adapter fits them.
 */
export function fullPlan(
  config: OcelliConfig,
  { encoder, languageModel, examples, media }: FullPlanParts,
): { readonly plan: TrainingPlan; readonly trainableParameters: number } {
  if (config.device) device.use(config.device);
  const { dtype, inputs } = config;
  return dryRun(() => {
    const directories = { encoder: encoder.directory, languageModel: languageModel.directory };
    const small = openBackbones(
      { names: directories, directories },
      { dtype, inputs: { ...inputs, imageProcessor: undefined } },
    );
    small.dispose();
    const before = device.memory().allocated;
    const frames =
      small.encoder.config.modality === 'video' && inputs.frames !== undefined
        ? { frames: inputs.frames }
        : {};
    const full = {
      encoder: encoder.missing
        ? (encoder.missing.architecture.build(encoder.missing.config, shapesOnly, { dtype, ...frames })
            .model as Encoder)
        : loadEncoder(encoder.directory, { dtype, ...frames }),
      languageModel: languageModel.missing
        ? (languageModel.missing.architecture.build(languageModel.missing.config, shapesOnly, { dtype })
            .model as LanguageModel)
        : loadLanguageModel(languageModel.directory, { dtype }),
    };
    const backbones = { ...small, ...full, bytes: device.memory().allocated - before };
    const adapter = createAdapter(config.adapter.method, config.adapter.config, {
      languageModel: full.languageModel.config,
      encoder: full.encoder.config,
      random: new Random(config.training.seed),
    });
    try {
      return {
        plan: fitBudget({ config, backbones, adapter, examples, pictures: media }),
        trainableParameters: [...adapter.parameters.values()].reduce(
          (sum, { tensor }) => sum + tensor.size,
          0,
        ),
      };
    } finally {
      adapter.dispose();
      full.encoder.dispose();
      full.languageModel.dispose();
    }
  });
}

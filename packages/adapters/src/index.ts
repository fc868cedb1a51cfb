import './epalm/adapter.js';
import './limber/adapter.js';
import './magma/adapter.js';
import './promptfuse/adapter.js';

export type { Adapter, AdapterContext, AdapterMethod, AdapterParameter } from './adapter.js';
export { type EpalmConfig, epalmSchema } from './epalm/config.js';
export { type InjectionPlan, injectionMap } from './epalm/injection.js';
export {
  parseReleasedEpalmConfig,
  type ReleasedEpalmConfig,
  releasedImageProcessor,
} from './epalm/released/config.js';
export { type ReleasedEpalm, readReleasedEpalm } from './epalm/released/read.js';
export { type LimberConfig, limberSchema } from './limber/config.js';
export { type MagmaConfig, magmaSchema } from './magma/config.js';
export { Projection } from './projection.js';
export { type PromptfuseConfig, promptfuseSchema } from './promptfuse/config.js';
export { adapterMethods, createAdapter, registerAdapter } from './registry.js';
export { loadAdapter, readAdapterConfig, saveAdapter } from './save.js';
export type { AdapterInputs, BackboneIdentity, SavedAdapterConfig } from './saved-config.js';
export { SoftPrompt } from './soft-prompt.js';

import { totalmem } from 'node:os';
import { readAdapterConfig } from '@ocelli/adapters';
import { device } from '@ocelli/ops';
import { describeMachine } from '../../machine.js';
import { formatBytes } from '../../memory/format-bytes.js';
import type { ImageTextModel } from '../../pipelines/image-text-model.js';
import { adapterDirectory } from '../../pipelines/open-model.js';
import { formatCount } from '../../report/format-number.js';
import type { ReportRow } from '../../report/index.js';

/** Named facts in their order. */
export function reportRows(values: Readonly<Record<string, string | number>>): ReportRow[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

/** What a model is made of, and on what it runs. */
export function modelRows(
  { adapter, backbones }: ImageTextModel,
  directory: string,
): { readonly settings: readonly ReportRow[]; readonly environment: readonly ReportRow[] } {
  const { encoder, languageModel, names, dtype, bytes } = backbones;
  const saved = readAdapterConfig(adapterDirectory(directory));
  const machine = describeMachine();
  const trained = [...adapter.parameters.values()].reduce((sum, { tensor }) => sum + tensor.size, 0);
  const frozen = (name: string, { fingerprint, parameterCount }: typeof encoder | typeof languageModel) =>
    `${name}, ${formatCount(parameterCount)} parameters, fingerprint ${fingerprint}`;
  return {
    settings: reportRows({
      Adapter: `${directory}, written by @ocelli/adapters ${saved.packageVersion}`,
      Method: saved.method,
      'Its configuration': JSON.stringify(saved.config),
      'Trained parameters': formatCount(trained),
      Encoder: frozen(names.encoder, encoder),
      'Language model': frozen(names.languageModel, languageModel),
    }),
    environment: reportRows({
      Ocelli: machine.ocelli,
      'Node.js': machine.node,
      Platform: machine.platform,
      Processor: `${machine.processor}, ${machine.cores} cores, ${formatBytes(totalmem())}`,
      Device: device.name,
      'Instruction set': machine.isa,
      Threads: machine.threads,
      'Frozen weights': `${dtype}, ${formatBytes(bytes)}`,
    }),
  };
}

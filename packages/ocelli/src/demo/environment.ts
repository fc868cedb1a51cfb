import { cpus } from 'node:os';
import { device } from '@ocelli/ops';
import { packageVersion } from '../package-version.js';
import type { Backbones } from '../pipelines/open-backbones.js';
import type { DemoResult } from './result.js';

/** On what a result was measured, and with which backbones. */
export function demoEnvironment(
  { encoder, languageModel }: Backbones,
  seconds: Readonly<Record<string, number>>,
): DemoResult['environment'] {
  return {
    ocelli: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    isa: device.isa,
    threads: device.threads,
    encoderParameters: encoder.parameterCount,
    languageModelParameters: languageModel.parameterCount,
    encoderFingerprint: encoder.fingerprint,
    languageModelFingerprint: languageModel.fingerprint,
    date: new Date().toISOString(),
    seconds: { ...seconds },
  };
}

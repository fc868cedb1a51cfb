import { describeMachine } from '../machine.js';
import type { Backbones } from '../pipelines/open-backbones.js';
import type { DemoResult } from './result.js';

/** On what a result was measured, and with which backbones. */
export function demoEnvironment(
  { encoder, languageModel }: Backbones,
  seconds: Readonly<Record<string, number>>,
): DemoResult['environment'] {
  return {
    ...describeMachine(),
    encoderParameters: encoder.parameterCount,
    languageModelParameters: languageModel.parameterCount,
    encoderFingerprint: encoder.fingerprint,
    languageModelFingerprint: languageModel.fingerprint,
    date: new Date().toISOString(),
    seconds: { ...seconds },
  };
}

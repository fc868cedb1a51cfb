export { type ProgressReporter, type ProgressStage, silentReporter } from '../progress/progress-reporter.js';
export { type DemoData, type DemoDataOptions, type Given, openDemoData, SplitData } from './demo-data.js';
export {
  type EvaluateMethodOptions,
  evaluateMethod,
  type SplitEvaluation,
  type SplitScores,
} from './evaluate-method.js';
export { LinearProbe, type ProbeScores } from './linear-probe.js';
export { majorityAnswers, majorityFloor } from './majority.js';
export { modalities } from './modalities/index.js';
export type { DemoModality, DemoSample, DemoSamplesOptions, DemoWords } from './modality.js';
export { namedObject } from './object-named.js';
export { type DemoResult, demoResultSchema, type MethodResult } from './result.js';
export { type DemoExample, type DemoOptions, type DemoOutcome, runDemo } from './run-demo.js';
export {
  changeSettings,
  type DemoSettings,
  defaultMethods,
  defaultSettings,
  type MethodSettings,
} from './settings.js';
export { type CurvePoint, type TrainedMethod, trainMethod } from './train-method.js';

// The training step in a process of its own, for its memory: answers lines of JSON as a peer does (peer-process.ts tells
// the protocol).
import { createInterface } from 'node:readline';
import { device } from '@ocelli/ops';
import type { Contender } from '../harness/case.js';
import { encodedFeatures } from './features.js';
import { asContender, loadStepModels, OurStep } from './our-step.js';

interface Request {
  readonly prepare?: {
    readonly threads: number;
    readonly batch: number;
    readonly tokens: number;
    readonly languageModel: string;
    readonly encoder: string;
  };
  readonly run?: string;
  readonly repeats?: number;
  readonly evaluate?: string;
  readonly release?: true;
}

let contender: Contender | undefined;

async function answer({ prepare, run, repeats = 1, evaluate, release }: Request): Promise<object> {
  if (prepare) {
    const { threads, batch, tokens } = prepare;
    const models = loadStepModels(prepare);
    const step = new OurStep(models, { batch, tokens }, encodedFeatures(models, batch));
    contender = asContender('ocelli', step, threads);
    return { contenders: ['ocelli'] };
  }
  if (run !== undefined && contender) return { seconds: await contender.run(repeats) };
  if (evaluate === 'allocator peak') return { values: [device.memory().peak] };
  if (release) {
    await contender?.release();
    return {};
  }
  return { error: 'no such request' };
}

const reply = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
reply({ name: 'ocelli', version: 'of this workspace' });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    reply(await answer(JSON.parse(line) as Request));
  } catch (error) {
    reply({ error: String(error) });
  }
}

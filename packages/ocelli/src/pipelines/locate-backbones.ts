import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isHubId, resolveCheckpoint } from '@ocelli/backbones';
import { OcelliError } from '@ocelli/ops';
import {
  audioModelDirectory,
  languageModelDirectory,
  videoModelDirectory,
  visionModelDirectory,
} from '@ocelli/tiny';
import { type ProgressReporter, type ProgressStage, silentReporter } from '../progress/progress-reporter.js';

/**
 * The two frozen models by name: `tiny`, `tiny-video`, `tiny-audio` for the embedded ones, the path of a checkpoint folder, or
 * a hub id.
 */
export interface BackboneNames {
  readonly encoder: string;
  readonly languageModel: string;
}

/** The two frozen models and where they lie on this machine. */
export interface LocatedBackbones {
  /**
   * An embedded model's name, a hub id, or an absolute path, so that they still hold when an adapter that remembers them is
   * used elsewhere.
   */
  readonly names: BackboneNames;
  readonly directories: BackboneNames;
}

/** Where names are looked up, and who hears of a download. */
export interface LocateOptions {
  /** What relative paths are relative to; default: the working directory. */
  readonly base?: string;
  readonly reporter?: ProgressReporter;
  /** Called with what is about to be downloaded. */
  readonly onMessage?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** The name of the embedded language model, and of the embedded encoder of pictures. */
export const tinyName = 'tiny';

/** The embedded models by name. */
const embedded: Readonly<Record<keyof BackboneNames, Readonly<Record<string, string>>>> = {
  encoder: {
    [tinyName]: visionModelDirectory,
    'tiny-video': videoModelDirectory,
    'tiny-audio': audioModelDirectory,
  },
  languageModel: { [tinyName]: languageModelDirectory },
};

/** Whether a name is that of an embedded model. */
export function isEmbedded(name: string): boolean {
  return name in embedded.encoder || name in embedded.languageModel;
}

/** A name that holds everywhere: an absolute path, unless it is an embedded model's, or a hub id without a folder. */
export function absoluteName(name: string, base = process.cwd()): string {
  const path = resolve(base, name);
  return isEmbedded(name) || (isHubId(name) && !existsSync(path)) ? name : path;
}

/**
 * The folder that a name stands for. A hub id's files are downloaded where they are missing.
 *
 * @throws {OcelliError} if the embedded model is missing, or the hub id is.
 */
export async function locateBackbone(
  kind: keyof BackboneNames,
  name: string,
  options: LocateOptions = {},
): Promise<string> {
  if (isEmbedded(name)) return embeddedDirectory(kind, name);
  const absolute = absoluteName(name, options.base);
  return isHubId(absolute) ? download(absolute, options) : absolute;
}

/** `locateBackbone` for both. */
export async function locateBackbones(
  names: BackboneNames,
  options: LocateOptions = {},
): Promise<LocatedBackbones> {
  const { encoder, languageModel } = names;
  return {
    names: {
      encoder: absoluteName(encoder, options.base),
      languageModel: absoluteName(languageModel, options.base),
    },
    directories: {
      encoder: await locateBackbone('encoder', encoder, options),
      languageModel: await locateBackbone('languageModel', languageModel, options),
    },
  };
}

function embeddedDirectory(kind: keyof BackboneNames, name: string): string {
  const what = kind === 'encoder' ? 'encoder' : 'language model';
  const directory = embedded[kind][name];
  if (directory === undefined) {
    throw new OcelliError(
      'backbones',
      `${name} is no ${what}; the embedded ones are ${Object.keys(embedded[kind]).join(', ')}`,
    );
  }
  if (existsSync(directory)) return directory;
  throw new OcelliError('backbones', `the embedded ${what} is not at ${directory}; reinstall @ocelli/tiny`);
}

async function download(
  id: string,
  { reporter = silentReporter, onMessage, signal }: LocateOptions,
): Promise<string> {
  let stage: ProgressStage | null = null;
  const directory = await resolveCheckpoint(id, {
    ...(onMessage ? { onMessage: (message: string) => onMessage(`download ${message}`) } : {}),
    ...(signal ? { signal } : {}),
    onProgress: ({ file, bytes, total }) => {
      stage ??= reporter.stage(`download ${id} (MB)`, Math.ceil(total / 1e6));
      stage.update(Math.floor(bytes / 1e6), file);
    },
  });
  (stage as ProgressStage | null)?.finish();
  return directory;
}

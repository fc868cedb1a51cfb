import { createHash } from 'node:crypto';
import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';

const formatVersion = 1;

const backboneSchema = z.object({ name: z.string(), fingerprint: z.string() });

const inputsSchema = z.object({
  image_processor: z.record(z.string(), z.unknown()).optional(),
  answer_token: z.string().min(1).optional(),
  question_suffix: z.string().optional(),
  frames: z.number().int().positive().optional(),
  several_pictures: z.enum(['side-by-side', 'mean']).optional(),
});

const savedSchema = z.object({
  format_version: z.literal(formatVersion),
  method: z.string(),
  config: z.unknown(),
  language_model: backboneSchema,
  encoder: backboneSchema,
  inputs: inputsSchema.optional(),
  package_version: z.string(),
});

/** Which backbone an adapter was trained for. */
export interface BackboneIdentity {
  /** For people: a folder or a hub id. */
  readonly name: string;
  /** The backbone's `fingerprint`: what is compared when the adapter is loaded. */
  readonly fingerprint: string;
}

/** How an adapter's pictures, videos and texts were prepared in training, where that is not the backbones' own way. */
export interface AdapterInputs {
  /** In place of the encoder's `preprocessor_config.json`, in its format. */
  readonly imageProcessor?: Readonly<Record<string, unknown>> | undefined;
  /** A token between question and answer that the tokenizer has to be taught, such as `</a>`. */
  readonly answerToken?: string | undefined;
  /** What stands behind every question, such as `?`. */
  readonly questionSuffix?: string | undefined;
  /** Frames of each video: as many as the encoder takes, or as are encoded one by one and averaged. */
  readonly frames?: number | undefined;
  /** How pictures that belong together are seen: beside each other as one (the default), or each, and the mean of them. */
  readonly severalPictures?: 'side-by-side' | 'mean' | undefined;
}

/** Content of `adapter_config.json`: all that an adapter is but its tensors. */
export interface SavedAdapterConfig {
  readonly method: string;
  /** The method's configuration with defaults filled in. */
  readonly config: unknown;
  readonly languageModel: BackboneIdentity;
  readonly encoder: BackboneIdentity;
  readonly inputs: AdapterInputs;
  /** Version of `@ocelli/adapters` that wrote it. */
  readonly packageVersion: string;
}

/**
 * Checks what a file holds.
 *
 * @param path the file, for messages.
 */
export function parseSavedConfig(json: unknown, path: string): SavedAdapterConfig {
  const version = (json as { format_version?: unknown } | null)?.format_version;
  if (typeof version === 'number' && version > formatVersion) {
    throw new OcelliError(
      'loadAdapter',
      `${path} has format version ${version}, this version of Ocelli reads up to ${formatVersion}; update @ocelli/adapters`,
    );
  }
  const result = savedSchema.safeParse(json);
  if (!result.success) {
    throw new OcelliError(
      'loadAdapter',
      `${path} is not right; save the adapter again:\n${z.prettifyError(result.error)}`,
    );
  }
  const { data } = result;
  return {
    method: data.method,
    config: data.config,
    languageModel: data.language_model,
    encoder: data.encoder,
    inputs: {
      imageProcessor: data.inputs?.image_processor,
      answerToken: data.inputs?.answer_token,
      questionSuffix: data.inputs?.question_suffix,
      frames: data.inputs?.frames,
      severalPictures: data.inputs?.several_pictures,
    },
    packageVersion: data.package_version,
  };
}

/** As it stands in the file. */
export function formatSavedConfig(saved: SavedAdapterConfig): z.infer<typeof savedSchema> {
  return {
    format_version: formatVersion,
    method: saved.method,
    config: saved.config,
    language_model: saved.languageModel,
    encoder: saved.encoder,
    ...(hasInputs(saved.inputs) ? { inputs: inputsToFile(saved.inputs) } : {}),
    package_version: saved.packageVersion,
  };
}

function hasInputs(inputs: AdapterInputs): boolean {
  return Object.values(inputs).some((value) => value !== undefined);
}

function inputsToFile(inputs: AdapterInputs) {
  const { imageProcessor, answerToken, questionSuffix, frames, severalPictures } = inputs;
  return {
    image_processor: imageProcessor,
    answer_token: answerToken,
    question_suffix: questionSuffix,
    frames,
    several_pictures: severalPictures,
  };
}

/** A hash of what decides how the tensors are used; names and versions may be edited. */
export function configDigest({ method, config, languageModel, encoder, inputs }: SavedAdapterConfig): string {
  const decisive = [method, config, languageModel.fingerprint, encoder.fingerprint];
  if (hasInputs(inputs)) decisive.push(JSON.parse(JSON.stringify(inputsToFile(inputs))));
  return createHash('sha256')
    .update(JSON.stringify(sorted(decisive)))
    .digest('hex')
    .slice(0, 32);
}

/** The same value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OcelliError } from '@ocelli/ops';

/** Where and how checkpoints are fetched from a model hub. Defaults are those of Python's `huggingface_hub`. */
export interface HubOptions {
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string;
  /**
   * Of an account that may read the checkpoint; `false` sends none. Default: `HF_TOKEN`, or the file that `hf auth login`
   * writes (`HF_TOKEN_PATH`, or `token` in `HF_HOME`). It goes to the hub itself only and is never printed.
   */
  readonly token?: string | false;
  /** Only what was downloaded before. Default: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`. */
  readonly offline?: boolean;
  /** The hub's address. Default: `HF_ENDPOINT`, or https://huggingface.co. */
  readonly endpoint?: string;
  /** Default: `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `hub` in `HF_HOME`, or `~/.cache/huggingface/hub`. */
  readonly cacheDirectory?: string;
  /** Called with what is about to be downloaded, and with what a person should know. */
  readonly onMessage?: (message: string) => void;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the download; what has arrived is kept, and the next call goes on from there. */
  readonly signal?: AbortSignal;
}

/** How far a download is. */
export interface DownloadProgress {
  /** The file that is being fetched. */
  readonly file: string;
  /** Of all files to fetch: how many bytes are there, and how many there will be. */
  readonly bytes: number;
  readonly total: number;
}

/** `HubOptions` with the environment read. */
export interface HubSettings {
  readonly revision: string;
  readonly token: string | null;
  readonly offline: boolean;
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly cacheDirectory: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options completed from the environment, which is read at each call. */
export function hubSettings(options: HubOptions, environment: Environment = process.env): HubSettings {
  const revision = options.revision ?? 'main';
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(revision) || revision.split('/').some((part) => /^\.+$/.test(part))) {
    throw new OcelliError(
      'hub',
      `the revision is ${JSON.stringify(revision)}; give a branch, a tag or a commit`,
    );
  }
  const endpoint = options.endpoint ?? (environment.HF_ENDPOINT || 'https://huggingface.co');
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new OcelliError('hub', `the endpoint is ${JSON.stringify(endpoint)}; give an http(s) address`);
  }
  return {
    revision,
    endpoint: endpoint.replace(/\/+$/, ''),
    offline: options.offline ?? isTrue(environment.HF_HUB_OFFLINE || environment.TRANSFORMERS_OFFLINE),
    cacheDirectory: options.cacheDirectory ?? cacheDirectory(environment),
    token: checkToken(options.token ?? environmentToken(environment)),
  };
}

function home(environment: Environment): string {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return expand(environment.HF_HOME ?? join(cache, 'huggingface'));
}

function cacheDirectory(environment: Environment): string {
  return expand(
    environment.HF_HUB_CACHE ?? environment.HUGGINGFACE_HUB_CACHE ?? join(home(environment), 'hub'),
  );
}

function environmentToken(environment: Environment): string | null {
  if (isTrue(environment.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return null;
  const variable = environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN;
  if (variable) return variable;
  try {
    return readFileSync(expand(environment.HF_TOKEN_PATH ?? join(home(environment), 'token')), 'utf8');
  } catch {
    return null; // nobody has logged in
  }
}

/** A token that may stand in a header: an HTTP library would quote any other in its error. */
function checkToken(token: string | false | null): string | null {
  const trimmed = token ? token.trim() : '';
  if (trimmed === '') return null;
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new OcelliError(
    'hub',
    'the access token has characters that no token has; correct HF_TOKEN or the token file',
  );
}

function expand(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, homedir());
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? '');
}

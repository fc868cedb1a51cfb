import { OcelliError } from '@ocelli/ops';
import type { HubFetch } from './hub-fetch.js';
import type { HubSettings } from './hub-settings.js';

/** A file at the top of a repository. */
export interface HubFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of a large file, git's SHA-1 of a small one. */
  readonly digest: string;
}

/** The commit that a revision stands for and the files at its top, by name. Two requests. */
export async function listRepository(
  id: string,
  { endpoint, revision }: HubSettings,
  hubFetch: HubFetch,
): Promise<{ commit: string; files: Map<string, HubFile> }> {
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  // The library never sees the token: the fetch adds it.
  const shared = { hubUrl: endpoint, fetch: hubFetch as typeof fetch };
  const info = await modelInfo({ ...shared, name: id, revision, additionalFields: ['sha'] });
  const commit = String(info.sha);
  if (!/^[0-9a-f]{40}$/.test(commit)) throw malformed(id, `commit ${JSON.stringify(info.sha)}`);
  const files = new Map<string, HubFile>();
  for await (const entry of listFiles({ ...shared, repo: { type: 'model', name: id }, revision: commit })) {
    if (entry.type !== 'file' || !/^[\w-][\w.-]*$/.test(entry.path)) continue;
    const { path: name, oid, lfs } = entry;
    const size = lfs?.size ?? entry.size;
    const digest = lfs?.oid ?? oid ?? '';
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(digest) || !Number.isSafeInteger(size) || size < 0) {
      throw malformed(id, `the digest ${JSON.stringify(digest)} and the size ${size} for ${name}`);
    }
    files.set(name, { name, size, digest });
  }
  return { commit, files };
}

function malformed(id: string, what: string): OcelliError {
  return new OcelliError(
    'hub',
    `the hub's answer about ${id} gives ${what}; check HF_ENDPOINT, the address may be another server's`,
  );
}

/** What was asked for. */
interface Asked {
  readonly id: string;
  readonly revision: string;
  readonly endpoint: string;
}

/** What went wrong when a hub was asked about a checkpoint, and what to do. The token is in no error. */
export function describeHubError(error: unknown, { id, revision, endpoint }: Asked): string {
  switch (statusOf(error)) {
    case 401:
      return (
        `${endpoint} refuses ${id} (HTTP 401): it is not there, private or gated; check the spelling, or set HF_TOKEN to the ` +
        'token of an account that may read it'
      );
    case 403:
      return (
        `${endpoint} refuses ${id} (HTTP 403): the token's account may not read it; if it is gated, ask for access at ` +
        `${endpoint}/${id}`
      );
    case 404:
      return `${endpoint} has no ${id} with revision ${revision} (HTTP 404); check the spelling, or give the path of a folder`;
    case 429:
      return `${endpoint} answers too many requests (HTTP 429); try again later, or set HF_TOKEN, which allows more`;
    case null:
      return `${endpoint} cannot be reached (${reasonOf(error)}); check the network and HF_ENDPOINT`;
    default:
      return `${endpoint} answers HTTP ${statusOf(error)} for ${id}; try again later`;
  }
}

/** Whether the hub itself did not answer, so that what is in the cache is the best there is. */
export function isUnreachable(error: unknown): boolean {
  const status = statusOf(error);
  return status === null || status === 429 || status >= 500;
}

function statusOf(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}

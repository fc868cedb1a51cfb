import { setTimeout as sleep } from 'node:timers/promises';
import type { HubSettings } from './hub-settings.js';

/** `fetch` for the hub. */
export type HubFetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

const attempts = 5;
/** Fewer where nobody answered: then a person is offline, and the cache may have it. */
const connectionAttempts = 3;
const longestWaitSeconds = 300;
const retriedStatus = new Set([408, 429, 500, 502, 503, 504]);

/**
 * `fetch` that carries the token to the hub's own address only (on a redirect to another host `fetch` itself drops it, as
 * its standard says), and asks again, as late as the server wishes, after a lost connection, 429 and 5xx. The last answer
 * is returned as it is.
 */
export function hubFetch({ token, endpoint }: HubSettings, signal: AbortSignal | undefined): HubFetch {
  const { origin } = new URL(endpoint);
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'ocelli');
    if (token !== null && new URL(input).origin === origin) headers.set('authorization', `Bearer ${token}`);
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        const response = await fetch(input, { ...init, headers, ...(signal ? { signal } : {}) });
        if (!retriedStatus.has(response.status) || attempt === attempts) return response;
        await response.body?.cancel();
        await pause(attempt, signal, retryAfter(response));
      } catch (error) {
        if (signal?.aborted || attempt === connectionAttempts) throw error;
        await pause(attempt, signal);
      }
    }
  };
}

/** Waits what the server asked for; otherwise half a second, then twice as long each time. */
export async function pause(
  attempt: number,
  signal: AbortSignal | undefined,
  seconds?: number,
): Promise<void> {
  const wait = Math.min(seconds ?? 2 ** (attempt - 2), longestWaitSeconds);
  await sleep(wait * 1000, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted(); // the caller's reason, not the timer's
    throw error;
  });
}

/** The seconds of a Retry-After header, which gives a number or a date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

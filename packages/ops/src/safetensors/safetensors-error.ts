import { OcelliError } from '../core/errors.js';

/** `[safetensors] PATH, tensor "NAME": fact; remedy`. `tensor` is null where the fact is about the whole file. */
export function safetensorsError(
  path: string,
  tensor: string | null,
  message: string,
  cause?: unknown,
): OcelliError {
  const place = tensor === null ? path : `${path}, tensor ${JSON.stringify(shorten(tensor))}`;
  return new OcelliError('safetensors', `${place}: ${message}`, { cause });
}

function shorten(name: string): string {
  return name.length <= 200 ? name : `${name.slice(0, 200)}...`;
}

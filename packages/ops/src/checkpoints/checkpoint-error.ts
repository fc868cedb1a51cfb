import { OcelliError } from '../core/errors.js';

/** Kinds of files that hold tensors; `checkpoint` is a folder, or a file whose kind is not known. */
export type CheckpointFormat = 'safetensors' | 'pytorch' | 'npz' | 'checkpoint';

/** Makes the error of one file format: where, what, remedy. `tensor` is null where the fact is about the whole file. */
export type CheckpointErrorMaker = (
  path: string,
  tensor: string | null,
  message: string,
  cause?: unknown,
) => OcelliError;

/** `[format] PATH, tensor "NAME": fact; remedy`. */
export function errorsOf(format: CheckpointFormat): CheckpointErrorMaker {
  return (path, tensor, message, cause) => {
    const place = tensor === null ? path : `${path}, tensor ${JSON.stringify(shorten(tensor))}`;
    return new OcelliError(format, `${place}: ${message}`, { cause });
  };
}

export const safetensorsError = errorsOf('safetensors');
export const pytorchError = errorsOf('pytorch');
export const npzError = errorsOf('npz');
export const checkpointError = errorsOf('checkpoint');

/** The beginning of a text that a file may have made very long. */
export function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}

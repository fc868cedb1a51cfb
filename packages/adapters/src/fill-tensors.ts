import { formatShape, type HostArray, OcelliError, sameShape, type Tensor } from '@ocelli/ops';

/**
 * Copies stored values into an adapter's tensors; every tensor must be there in its shape, and no other.
 *
 * @param op whose error it is.
 * @param path the file, for messages.
 * @param remedy what to do about a file that does not fit.
 */
export function fillTensors(
  op: string,
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  stored: ReadonlyMap<string, HostArray>,
  remedy: string,
): void {
  const unknown = [...stored.keys()].filter((name) => !tensors.has(name));
  const missing = [...tensors.keys()].filter((name) => !stored.has(name));
  if (unknown.length > 0 || missing.length > 0) {
    const facts = [
      ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`has ${unknown.join(', ')}, which this adapter does not have`] : []),
    ];
    throw new OcelliError(op, `${path} ${facts.join(' and ')}; ${remedy}`);
  }
  for (const [name, tensor] of tensors) {
    const { shape, dtype, data } = stored.get(name)!;
    if (!sameShape(shape, tensor.shape)) {
      throw new OcelliError(
        op,
        `${path}: tensor "${name}" is ${formatShape(shape)}, the configuration makes it ${formatShape(tensor.shape)}; ` +
          remedy,
      );
    }
    if (!(data instanceof Float32Array)) {
      throw new OcelliError(op, `${path}: tensor "${name}" is ${dtype}, expected float32; convert the file`);
    }
  }
  for (const [name, tensor] of tensors) tensor.write(stored.get(name)!.data as Float32Array);
}

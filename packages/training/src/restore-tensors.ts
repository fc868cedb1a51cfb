import { formatShape, OcelliError, readSafetensorsArrays, sameShape, type Tensor } from '@ocelli/ops';

/** Copies a safetensors file into tensors of the same names and shapes; all must be there, and no other. */
export function restoreTensors(path: string, tensors: ReadonlyMap<string, Tensor>): void {
  const stored = readSafetensorsArrays(path);
  const missing = [...tensors.keys()].filter((name) => !stored.has(name));
  const unknown = [...stored.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    const facts = [
      ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`has ${unknown.join(', ')}, which is not trained now`] : []),
    ];
    throw new OcelliError(
      'resume',
      `${path} ${facts.join(' and ')}; train the same adapter, or start anew in another checkpointDirectory`,
    );
  }
  for (const [name, tensor] of tensors) {
    const { shape, data } = stored.get(name)!;
    if (!sameShape(shape, tensor.shape)) {
      throw new OcelliError(
        'resume',
        `${path}: tensor "${name}" is ${formatShape(shape)}, but the one that is trained is ${formatShape(tensor.shape)}; ` +
          `train the same adapter, or start anew in another checkpointDirectory`,
      );
    }
    if (!(data instanceof Float32Array)) {
      throw new OcelliError(
        'resume',
        `${path}: tensor "${name}" is not float32; start anew in another checkpointDirectory`,
      );
    }
    tensor.write(data);
  }
}

import { sizeOf } from '../src/core/shape.js';
import { type Tensor, tensor } from '../src/core/tensor.js';
import type { Random } from '../src/random/random.js';
import type { InputSpec, Reference } from '../src/registry/types.js';

/** Seeded values as the spec wants them, exactly representable in float32. */
export function fillInput(spec: InputSpec, random: Random): Reference {
  const fill = spec.fill ?? { kind: 'normal' };
  const data = new Float64Array(sizeOf(spec.shape));
  for (let i = 0; i < data.length; i++) {
    switch (fill.kind) {
      case 'normal':
        data[i] = random.normal() * (fill.scale ?? 1);
        break;
      case 'positive':
        data[i] = 0.1 + random.uniform();
        break;
      case 'integers':
        data[i] = (fill.from ?? 0) + random.integer(fill.below - (fill.from ?? 0));
        break;
      case 'values':
        data[i] = fill.values[i % fill.values.length]!;
        break;
    }
  }
  return { shape: spec.shape, data: Float64Array.from(new Float32Array(data)) };
}

/** The same values on the device. */
export function toTensor(reference: Reference, spec: InputSpec): Tensor {
  return tensor(Array.from(reference.data), spec.shape, spec.dtype ?? 'float32');
}

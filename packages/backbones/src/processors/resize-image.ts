/** 8-bit RGB pixels, row by row. */
export interface RgbImage {
  /** `[height, width, 3]`. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** Resampling filters, under Pillow's names. */
export type ResizeFilter = 'nearest' | 'lanczos' | 'bilinear' | 'bicubic' | 'box' | 'hamming';

interface Kernel {
  /** Half its width in pixels of the smaller image. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Hamming's constants, which Pillow has as floats. */
const [raised, cosine] = [Math.fround(0.54), Math.fround(0.46)];

const kernels: Readonly<Record<Exclude<ResizeFilter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (raised + cosine * Math.cos(Math.PI * x))),
  },
  bicubic: {
    support: 2,
    weight: (signed) => {
      const x = Math.abs(signed);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Fixed-point bits of a weight: 32 less 8 for the pixel and 2 to spare. */
const precision = 22;
const half = 1 << (precision - 1);

/** Multiplications between two pauses that let other work in. */
const workPerTurn = 2_000_000;

/**
 * Resizes as Pillow does (`Image.resize`), to the bit: one pass over rows, one over columns, filters widened when the
 * image shrinks, weights in fixed point, rounded to 8 bits between the passes. Trained encoders saw images made this way.
 * sharp's own resize is not used: it shrinks with a box first (a few levels off), and enlarges with a shift of half a pixel.
 */
export async function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
  filter: ResizeFilter,
): Promise<RgbImage> {
  if (filter === 'nearest') return nearest(image, width, height);
  const kernel = kernels[filter];
  let { data } = image;
  if (width !== image.width) data = await resampleRows(data, image, width, kernel);
  if (height !== image.height)
    data = await resampleColumns(data, { width, height: image.height }, height, kernel);
  return { data, width, height, channels: 3 };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

async function resampleRows(
  from: Uint8Array,
  size: Size,
  width: number,
  kernel: Kernel,
): Promise<Uint8Array> {
  const { first, count, weight, span } = tapsOf(size.width, width, kernel);
  const to = new Uint8Array(width * size.height * 3);
  const pause = pauses(width * span * 3);
  let target = 0;
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < width; column++) {
      let red = half;
      let green = half;
      let blue = half;
      let at = (row * size.width + first[column]!) * 3;
      const begin = column * span;
      const end = begin + count[column]!;
      for (let i = begin; i < end; i++, at += 3) {
        const factor = weight[i]!;
        red += Math.imul(from[at]!, factor);
        green += Math.imul(from[at + 1]!, factor);
        blue += Math.imul(from[at + 2]!, factor);
      }
      to[target++] = level(red);
      to[target++] = level(green);
      to[target++] = level(blue);
    }
    if (pause.isDue()) await pause.take();
  }
  return to;
}

async function resampleColumns(
  from: Uint8Array,
  size: Size,
  height: number,
  kernel: Kernel,
): Promise<Uint8Array> {
  const { first, count, weight, span } = tapsOf(size.height, height, kernel);
  const line = size.width * 3;
  const to = new Uint8Array(line * height);
  const sums = new Int32Array(line);
  const pause = pauses(line * span);
  for (let row = 0; row < height; row++) {
    sums.fill(half);
    for (let tap = 0; tap < count[row]!; tap++) {
      const factor = weight[row * span + tap]!;
      const at = (first[row]! + tap) * line;
      for (let i = 0; i < line; i++) sums[i]! += Math.imul(from[at + i]!, factor);
    }
    for (let i = 0; i < line; i++) to[row * line + i] = level(sums[i]!);
    if (pause.isDue()) await pause.take();
  }
  return to;
}

/** From fixed point to 8 bits; sums begin with `half`, so this rounds. */
function level(sum: number): number {
  return Math.max(0, Math.min(sum >> precision, 255));
}

/** Lets the event loop turn every few milliseconds of work. */
function pauses(workPerLine: number): { isDue(): boolean; take(): Promise<void> } {
  let done = 0;
  return {
    isDue() {
      done += workPerLine;
      return done > workPerTurn;
    },
    take() {
      done = 0;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Which input pixels each output pixel is made of. */
interface Taps {
  /** First input pixel: `[outputs]`. */
  readonly first: Int32Array;
  /** How many: `[outputs]`. */
  readonly count: Int32Array;
  /** Fixed-point weights: `[outputs, span]`. */
  readonly weight: Int32Array;
  readonly span: number;
}

function tapsOf(inputs: number, outputs: number, { support, weight }: Kernel): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const span = Math.ceil(reach) * 2 + 1;
  const taps = {
    first: new Int32Array(outputs),
    count: new Int32Array(outputs),
    weight: new Int32Array(outputs * span),
    span,
  };
  const inverse = 1 / stretch;
  for (let output = 0; output < outputs; output++) {
    const center = (output + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(inputs, Math.trunc(center + reach + 0.5)) - first;
    const values: number[] = [];
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = weight((i + first - center + 0.5) * inverse);
      values.push(value);
      sum += value;
    }
    for (const [i, value] of values.entries()) {
      const scaled = (sum === 0 ? value : value / sum) * 2 ** precision;
      taps.weight[output * span + i] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    taps.first[output] = first;
    taps.count[output] = count;
  }
  return taps;
}

function nearest(image: RgbImage, width: number, height: number): RgbImage {
  const columns = nearestPixels(image.width, width);
  const rows = nearestPixels(image.height, height);
  const data = new Uint8Array(width * height * 3);
  let target = 0;
  for (const row of rows) {
    for (const column of columns) {
      const source = (row * image.width + column) * 3;
      data[target++] = image.data[source]!;
      data[target++] = image.data[source + 1]!;
      data[target++] = image.data[source + 2]!;
    }
  }
  return { data, width, height, channels: 3 };
}

/** Summed as Pillow sums, since its rounding decides between two pixels. */
function nearestPixels(inputs: number, outputs: number): Int32Array {
  const scale = inputs / outputs;
  const pixels = new Int32Array(outputs);
  let position = scale * 0.5;
  for (let output = 0; output < outputs; output++) {
    pixels[output] = Math.min(inputs - 1, Math.floor(position));
    position += scale;
  }
  return pixels;
}

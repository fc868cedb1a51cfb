/** A list of numbers that takes 8 bytes each, outside of the heap. */
export class GrowingNumbers {
  #values = new Float64Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The numbers without the spare room. */
  values(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}

import type { PlainValue } from "./plain-values.ts";

/** The least and the greatest of a column's numbers, or of its booleans; a NaN is neither. */
export class ColumnBounds {
  #min: PlainValue | undefined;
  #max: PlainValue | undefined;

  add(value: PlainValue): void {
    if (Number.isNaN(value)) {
      return;
    }
    this.#min = this.#min === undefined || value < this.#min ? value : this.#min;
    this.#max = this.#max === undefined || value > this.#max ? value : this.#max;
  }

  /** As a file tells them: of two zeros the least is -0. */
  get statistics() {
    return this.#min === undefined || this.#max === undefined
      ? {}
      : { min_value: this.#min === 0 ? -0 : this.#min, max_value: this.#max === 0 ? 0 : this.#max };
  }

  clear(): void {
    this.#min = undefined;
    this.#max = undefined;
  }
}

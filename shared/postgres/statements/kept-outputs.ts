// Kept outputs: what was written since the last commit, within limits.

import { InvalidOutputError, OutputLimitError } from "../../core/errors.ts";
import { DUE_BYTES, DUE_OUTPUTS, MAX_KEPT_BYTES, MAX_KEPT_OUTPUTS } from "../limits.ts";
import { ValueError } from "./encode-value.ts";
import { type KeptOutput, keepOutput } from "./keep-output.ts";
import type { PostgresOutput } from "./postgres-statement.ts";

export class KeptOutputs {
  /** For messages: whose they are. */
  readonly #where: string;
  #kept: KeptOutput[] = [];
  #bytes = 0;

  constructor(where: string) {
    this.#where = where;
  }

  get isFull(): boolean {
    return this.#kept.length >= DUE_OUTPUTS || this.#bytes >= DUE_BYTES;
  }

  /** All or none. Throws InvalidOutputError with the place of one among them, and OutputLimitError. */
  add(outputs: readonly PostgresOutput[]): void {
    const added = outputs.map((output, outputIndex) => this.#keep(output, outputIndex));
    const count = this.#kept.length + added.length;
    const bytes = added.reduce((sum, one) => sum + one.bytes, this.#bytes);
    if (count > MAX_KEPT_OUTPUTS || bytes > MAX_KEPT_BYTES) {
      throw new OutputLimitError(
        `${this.#where}: ${count} outputs of ${bytes} bytes are to take effect at once, more than ${MAX_KEPT_OUTPUTS} or ${MAX_KEPT_BYTES} bytes; commit more often`,
      );
    }
    for (const one of added) {
      this.#kept.push(one);
    }
    this.#bytes = bytes;
  }

  /** All of them, and none is left. */
  take(): readonly KeptOutput[] {
    const taken = this.#kept;
    this.#kept = [];
    this.#bytes = 0;
    return taken;
  }

  #keep(output: PostgresOutput, outputIndex: number): KeptOutput {
    try {
      return keepOutput(output);
    } catch (cause) {
      if (cause instanceof ValueError) {
        throw new InvalidOutputError(`${this.#where}: output ${outputIndex} ${cause.message}`, { outputIndex, cause });
      }
      throw cause;
    }
  }
}

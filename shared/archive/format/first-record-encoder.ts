// First-record encoder
//
// An encoder that the first record of an object decides, so that its content is a function of
// its records alone (ACF1): another attempt has the same first record.

import type { ContentDigest, ObjectEncoder } from "./archive-format.ts";
import type { ArchiveRecord } from "./archive-record.ts";

/** Throws InvalidOutputError for a record that an object cannot begin with. */
export type OpenFor = (first: ArchiveRecord) => ObjectEncoder;

export class FirstRecordEncoder implements ObjectEncoder {
  readonly #openFor: OpenFor;
  /** By which record it was opened; others are held against it. */
  #opened: { readonly by: ArchiveRecord; readonly encoder: ObjectEncoder } | undefined;
  #hasRecords = false;

  constructor(openFor: OpenFor) {
    this.#openFor = openFor;
  }

  get bufferedBytes(): number {
    return this.#opened?.encoder.bufferedBytes ?? 0;
  }

  check(record: ArchiveRecord): void {
    this.#opened ??= { by: record, encoder: this.#openFor(record) };
    try {
      this.#opened.encoder.check(record);
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  add(record: ArchiveRecord): Promise<void> | undefined {
    // One that was only looked at decides nothing.
    if (this.#opened?.by !== record) {
      this.#drop();
    }
    this.#opened ??= { by: record, encoder: this.#openFor(record) };
    const wait = this.#opened.encoder.add(record);
    this.#hasRecords = true;
    return wait;
  }

  async spill(): Promise<void> {
    await this.#opened?.encoder.spill();
  }

  finish(): Promise<ContentDigest> {
    if (this.#opened === undefined) {
      throw new TypeError("an object without a record is not finished");
    }
    return this.#opened.encoder.finish();
  }

  destroy(): void {
    this.#opened?.encoder.destroy();
  }

  #drop(): void {
    if (!this.#hasRecords) {
      this.destroy();
      this.#opened = undefined;
    }
  }
}

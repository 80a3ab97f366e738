import type { KafkaRecord, RecordHeader, TimestampType } from "../core/source/range-reader.ts";
import type { RecordFields } from "../core/source/record-fields.ts";

/** A record with accessors, as one that was fetched has them: a spread copies none of its fields. */
export class AccessedRecord implements KafkaRecord {
  readonly #stored: RecordFields;

  constructor(stored: RecordFields) {
    this.#stored = stored;
  }

  get offset(): bigint {
    return this.#stored.offset;
  }

  get timestamp(): bigint {
    return this.#stored.timestamp;
  }

  get timestampType(): TimestampType {
    return this.#stored.timestampType;
  }

  get key(): Buffer | null {
    return this.#stored.key;
  }

  get value(): Buffer | null {
    return this.#stored.value;
  }

  get headers(): readonly RecordHeader[] {
    return this.#stored.headers;
  }
}

import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { avroColumns } from "../../../shared/archive/avro/avro-columns.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { parquet } from "../../../shared/archive/parquet/parquet-format.ts";
import { recordFields } from "../../../shared/core/source/record-fields.ts";
import { avroPayload } from "../../../shared/schemas/avro/avro-payload.ts";
import { createMemoryRegistry } from "../../support/schemas/memory-registry.ts";
import { AVRO_ORDER } from "./avro-orders.ts";

/** Columns by the schema of each record's value, which a registry has. */
export function avroPipeline() {
  const registry = createMemoryRegistry(() => AVRO_ORDER);
  return {
    format: parquet({ columns: avroColumns() }),
    process: (range: ProcessingRange<ArchiveRecord>) =>
      range
        .decoded({ value: avroPayload({ registry }) })
        .writeEach(({ source, value }) => (value === null ? [] : { ...recordFields(source), avro: value })),
  };
}

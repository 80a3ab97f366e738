import type { ColumnType } from "../../../shared/archive/parquet/column-types.ts";

/** Of the orders that BenchProducer.java writes as JSON; SparkArchiver.java has them in Spark's words. */
export const ORDER_COLUMNS = {
  orderId: "string",
  customerId: "int64",
  session: "string",
  createdAt: "timestamp",
  status: "string",
  country: "string",
  currency: "string",
  isGift: "boolean",
  lines: "json",
  itemCount: "int32",
  total: "double",
  note: "string",
} as const satisfies Readonly<Record<string, ColumnType>>;

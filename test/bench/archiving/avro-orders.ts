// Orders of some 0.86 KB, as Confluent's serializer for Avro frames them.

import avsc from "avsc";
import { SAMPLE_LINES, wordsOf } from "../../local/demo/sample-lines.ts";
import { createRandom } from "../../local/demo/seeded-random.ts";
import { aSchema } from "../../support/archive/avro-records.ts";
import { framed } from "../../support/schemas/memory-registry.ts";

const WORDS = [...new Set(SAMPLE_LINES.flatMap(wordsOf))];
const STATUSES = ["NEW", "PAID", "SENT", "DONE"];
const COUNTRIES = ["AT", "BE", "CH", "DE", "ES", "FR", "GB", "IT", "NL", "PL", "SE", "US"];
const CURRENCIES = ["CHF", "EUR", "GBP", "USD"];
const FIRST_ORDER_AT = 1_790_000_000_000;

const LINE_FIELDS = [
  { name: "sku", type: "string" },
  { name: "quantity", type: "int" },
  { name: "unitPrice", type: "double" },
];

/** Its id in the registry is that of `framed`. */
export const AVRO_ORDER = aSchema([
  { name: "id", type: "long" },
  { name: "customer", type: "string" },
  { name: "status", type: { type: "enum", name: "Status", symbols: STATUSES } },
  { name: "createdAt", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "total", type: { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 } },
  { name: "weight", type: "double" },
  { name: "isGift", type: "boolean" },
  { name: "country", type: "string" },
  { name: "currency", type: "string" },
  { name: "coupon", type: ["null", "string"] },
  { name: "lines", type: { type: "array", items: { type: "record", name: "Line", fields: LINE_FIELDS } } },
  { name: "address", type: "string" },
  { name: "remarks", type: "string" },
]);

/** Answers the value of each next order: the same ones every time. */
export function createAvroOrders(): (id: number) => Buffer {
  const type = avsc.Type.forSchema(JSON.parse(AVRO_ORDER.text));
  const random = createRandom(1);
  const below = (end: number) => Math.floor(random() * end);
  const oneOf = (values: readonly string[]) => values[below(values.length)];
  const words = (count: number) => Array.from({ length: count }, () => oneOf(WORDS)).join(" ");
  const line = () => ({ sku: `SKU-${below(1_000_000)}`, quantity: 1 + below(5), unitPrice: below(100_000) / 100 });
  return (id) => {
    const total = Buffer.alloc(4);
    total.writeInt32BE(below(10_000_000));
    const order = {
      ...{ id, customer: `customer-${below(10_000_000)}`, status: oneOf(STATUSES) },
      ...{ createdAt: FIRST_ORDER_AT + 40 * id + below(40), total, weight: random() * 30, isGift: below(10) === 0 },
      ...{ country: oneOf(COUNTRIES), currency: oneOf(CURRENCIES), coupon: below(4) === 0 ? words(2) : null },
      lines: Array.from({ length: 1 + below(5) }, line),
      address: `${words(2)} ${below(200)}, ${10_000 + below(90_000)} ${words(1)}`,
      remarks: words(70 + below(100)),
    };
    return framed(type.toBuffer(order));
  };
}

// Value JSON: a decoded value as JSON, with its numbers as they are and bytes in base64.

/** Node.js has it from 21 on; the compiler's library does not. */
export const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** To be given to JSON.stringify. */
export function toJsonValue(value: unknown): unknown {
  if (typeof value === "bigint") {
    return rawJson(String(value));
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : String(value);
  }
  if (value instanceof Uint8Array) {
    return { base64: Buffer.from(value).toString("base64") };
  }
  if (Array.isArray(value)) {
    return value.map(toJsonValue);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJsonValue(inner)]))
    : value;
}

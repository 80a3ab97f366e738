// Exact JSON: whole numbers that a JavaScript number would round, as bigints.

interface ReviverContext {
  /** Of a primitive value, as it stands in the text. */
  readonly source?: string;
}

/** Node.js has the context from 21 on; the compiler's library does not. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: ReviverContext) => unknown,
) => unknown;

/** One beyond 2^53 has as many digits at least. */
const LONG_NUMBER = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** Undefined for JSON in which nothing would be rounded. It has to be JSON in UTF-8. */
export function parseExactJson(json: Buffer): unknown {
  const text = json.toString();
  return LONG_NUMBER.test(text) ? parseExactly(text) : undefined;
}

/** As JSON.parse, but for such numbers. */
export function parseJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? parseExactly(text) : JSON.parse(text);
}

function parseExactly(text: string): unknown {
  return parse(text, (_, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && WHOLE.test(source)
      ? BigInt(source)
      : value,
  );
}

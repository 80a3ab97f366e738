// Attribute wire
//
// An attribute value as DynamoDB's JSON has it: as it is, but for bytes, which are in Base64.
// What has none is given back as it came, without a copy.

/** Of a request's member, whatever it holds. */
export function toWire(value: unknown): unknown {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
    : mapMembers(value, toWire);
}

/** Of an answer's member: a map of attributes has objects for values, so that a text below `B` is always bytes. */
export function fromWire(value: unknown): unknown {
  if (isObject(value)) {
    const { B, BS } = value;
    if (typeof B === "string") {
      return { B: Buffer.from(B, "base64") };
    }
    if (Array.isArray(BS)) {
      return { BS: BS.map((one) => Buffer.from(String(one), "base64")) };
    }
  }
  return mapMembers(value, fromWire);
}

function mapMembers(value: unknown, map: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const mapped = value.map(map);
    return mapped.some((member, index) => member !== value[index]) ? mapped : value;
  }
  if (!isObject(value)) {
    return value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const mapped = map(member);
    if (mapped !== member) {
      copy ??= { ...value };
      copy[name] = mapped;
    }
  }
  return copy ?? value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

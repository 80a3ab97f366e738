// Damaged input: what a codec takes, changed as errors and enemies change it.

import fc from "fast-check";

/** Values that JSON can hold, of the kinds that codecs trip over. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "0", "-1", "9223372036854775808", "__proto__", -1, 0.5, 1e300, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One of the samples, some of whose fields hold something else, are gone, or have company. */
export function damagedJson(...samples: readonly unknown[]): fc.Arbitrary<unknown> {
  const places = fc.array(fc.record({ path: fc.array(fc.nat(12), { maxLength: 5 }), value: anything }), {
    minLength: 1,
    maxLength: 4,
  });
  return fc.oneof(
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: fc.constantFrom(...samples) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...samples), places)
        .map(([sample, changes]) => changes.reduce((value, change) => put(value, change.path, change.value), sample)),
    },
  );
}

const attribute: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }).map((S) => ({ S })),
  fc.constantFrom("0", "-1", "1.5", "1E+20", "9223372036854775808", "1767225600000").map((N) => ({ N })),
  fc.constantFrom<unknown>({ BOOL: true }, { NULL: true }, { L: [] }, { M: {} }, { L: [{ M: {} }] }, { SS: ["a"] }),
);

/** The sample as DynamoDB could have it: an attribute is changed, gone, or too many, also within lists and maps. */
export function damagedItem(sample: Readonly<Record<string, object>>): fc.Arbitrary<unknown> {
  const change = fc.record({ at: fc.nat(40), steps: fc.array(fc.nat(6), { maxLength: 3 }), to: fc.option(attribute) });
  return fc.array(change, { maxLength: 3 }).map((changes) =>
    changes.reduce((item, { at, steps, to }) => {
      const names = Object.keys(item);
      const name = names[at % (names.length + 1)] ?? "another";
      const { [name]: old, ...rest } = item;
      const changed = steps.length > 0 && old !== undefined ? within(old, steps, to) : to;
      return changed === null ? rest : { ...rest, [name]: changed as object };
    }, sample),
  );
}

/** An attribute whose element, or whose element's element, is another, where it has elements. */
function within(old: object, [step = 0, ...steps]: readonly number[], to: unknown): unknown {
  const [[kind, elements] = ["", undefined]] = Object.entries(old);
  if ((kind !== "L" && kind !== "M") || to === null) {
    return to;
  }
  const changed = damagedWithin(elements as Readonly<Record<string, object>>, step, steps, to);
  return { [kind]: kind === "L" ? Object.values(changed) : changed };
}

function damagedWithin(
  elements: Readonly<Record<string, object>>,
  step: number,
  steps: readonly number[],
  to: unknown,
): object {
  const names = Object.keys(elements);
  const name = names[step % (names.length + 1)] ?? "another";
  const old = elements[name];
  return { ...elements, [name]: steps.length > 0 && old !== undefined ? within(old, steps, to) : to };
}

function put(value: unknown, [step, ...path]: readonly number[], replacement: unknown): unknown {
  if (step === undefined || typeof value !== "object" || value === null) {
    return replacement;
  }
  const entries = Object.entries(value);
  const [name, old] = entries[step % (entries.length + 1)] ?? ["another", undefined];
  const changed = { ...value, [name]: put(old, path, replacement) };
  return Array.isArray(value) ? Object.values(changed) : changed;
}

/** One of the texts with pieces put in, taken out or repeated. */
export function damagedText(...samples: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      ..."{ } [ ] : , \" ' \\ \\u \\uD800 -- 0 1e9 = # ! ; \n \r \u0000 - 9223372036854775808".split(" "),
    ),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  const changes = fc.array(fc.record({ at: fc.nat(400), remove: fc.nat(12), piece, times: fc.nat(3) }), {
    maxLength: 4,
  });
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom(...samples),
    fc.tuple(fc.constantFrom(...samples), changes).map(([sample, edits]) =>
      edits.reduce((text, edit) => {
        const at = edit.at % (text.length + 1);
        return text.slice(0, at) + edit.piece.repeat(edit.times) + text.slice(at + edit.remove);
      }, sample),
    ),
  );
}

/** What stands where a count or a length may: zero, one, the largest, the negative, the overlong. */
const count = fc.oneof(
  fc.constantFrom([0], [1], [2], [0, 0, 0, 0], [0, 0, 0, 1], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff]),
  fc.constantFrom([0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80], [0x7f, 0xff], [0xff, 0xff]),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => [...bytes]),
);

/** The response, as hexadecimal with spaces, with bytes changed, put in and taken out; and bytes of no origin. */
export function damagedBytes(sample: string): fc.Arbitrary<Buffer> {
  const whole = Buffer.from(sample.replaceAll(/\s/g, ""), "hex");
  const change = fc.record({ at: fc.nat(whole.length), remove: fc.nat(5), bytes: count });
  return fc.oneof(
    { weight: 1, arbitrary: fc.array(count, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.flat())) },
    {
      weight: 4,
      arbitrary: fc.array(change, { maxLength: 3 }).map((changes) =>
        changes.reduce<Buffer>((all, { at, remove, bytes }) => {
          return Buffer.concat([all.subarray(0, at), Buffer.from(bytes), all.subarray(at + remove)]);
        }, whole),
      ),
    },
  );
}

/** How many values are within, itself included; bytes and texts count by their length. */
export function weightOf(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) {
    return 1 + value.length;
  }
  const parts =
    value instanceof Map ? [...value].flat() : typeof value === "object" && value !== null ? Object.values(value) : [];
  return parts.reduce<number>((sum, part) => sum + weightOf(part), 1);
}

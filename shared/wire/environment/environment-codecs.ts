// The values of environment variables, each as text and as what it stands for.

import * as z from "zod/mini";
import { DECIMAL_PATTERN } from "../offsets/decimal.ts";

export const integer = (min: number, max: number) => {
  const rule = `expected a whole number from ${min} to ${max}`;
  return z.codec(
    z.string().check(z.regex(DECIMAL_PATTERN, rule)),
    z.int(rule).check(z.gte(min, rule), z.lte(max, rule)),
    {
      decode: (value) => Number(value),
      encode: (value) => value.toString(),
    },
  );
};

/** At least 0. */
export const decimal = z.codec(
  z.string().check(z.regex(/^(?:0|[1-9]\d*)(?:\.\d+)?$/, "expected a decimal number")),
  z.number().check(z.gte(0)),
  {
    decode: (value) => Number(value),
    encode: (value) => value.toString(),
  },
);

export const flag = z.codec(z.enum(["true", "false"]), z.boolean(), {
  decode: (value) => value === "true",
  encode: (value) => (value ? "true" : "false"),
});

/** A count of offsets, at least 1. */
export const records = z.codec(
  z.string().check(z.regex(DECIMAL_PATTERN, "expected a whole number")),
  z.bigint().check(z.gte(1n)),
  {
    decode: (value) => BigInt(value),
    encode: (value) => value.toString(),
  },
);

/** Separated by commas; at least one. */
export const list = <Item>(
  item: z.ZodMiniType<Item, Item>,
  decode: (part: string) => Item,
  encode: (item: Item) => string,
) =>
  z.codec(z.string(), z.readonly(z.array(item).check(z.minLength(1))), {
    decode: (value) => value.split(",").map((part) => decode(part.trim())),
    encode: (items) => items.map(encode).join(","),
  });

export const names = (name: z.ZodMiniType<string, string>) =>
  list(
    name,
    (part) => part,
    (part) => part,
  );

// Location environment
//
// The part of the scheduler's environment that says which processor function a range goes to.

import * as z from "zod/mini";
import { listNames, quoteName } from "../../core/bounded-text.ts";
import type { ProcessorVariant, Routing } from "../../core/plan/route-ranges.ts";
import { isTopicName, type TopicPartition } from "../../core/range/topic-partition.ts";
import { readPartition } from "../offsets/decimal.ts";

const VARIANT_NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;
const VARIANT_NAME_RULE = "expected names of a letter, and then at most 31 letters, digits and hyphens";

const variant = z.strictObject({
  /** Name or ARN. */
  function: z.string().check(z.minLength(1)),
  timeoutMs: z.int().check(z.gte(1_000), z.lte(900_000)),
  maxConcurrency: z.exactOptional(z.int().check(z.gte(1), z.lte(20_000))),
  /** What brokers may call its place. */
  racks: z.exactOptional(z.readonly(z.array(z.string().check(z.minLength(1))))),
});

const byName = z.readonly(
  z
    .record(z.string(), variant)
    .check(z.refine((named) => Object.keys(named).every((name) => VARIANT_NAME.test(name)), VARIANT_NAME_RULE)),
);

const variants = z.codec(z.string(), byName, {
  decode: (value, context) => {
    try {
      return JSON.parse(value);
    } catch {
      context.issues.push({ code: "custom", message: "it is not JSON", input: value });
      return z.NEVER;
    }
  },
  encode: (value) => JSON.stringify(value),
});

/** `orders:3`, or `orders:*` for the rest of a topic. */
const preferred = z.readonly(
  z.array(z.string().check(z.refine(isRouted, "expected topic:partition, or topic:*"))).check(z.minLength(1)),
);

/** `large=orders:3,orders:4 small=clicks:*`: no name that may stand in it has a blank, a comma or an equals sign. */
const preferFixed = z.codec(z.string(), z.readonly(z.record(z.string(), preferred)), {
  decode: (value) =>
    Object.fromEntries(
      value.split(" ").map((part) => {
        const [name = "", list = ""] = part.split("=");
        return [name, list.split(",")];
      }),
    ),
  encode: (value) =>
    Object.entries(value)
      .map(([name, list]) => `${name}=${list.join()}`)
      .join(" "),
});

export const location = {
  variants: z.exactOptional(variants),
  preferFixed: z.exactOptional(preferFixed),
} as const;

type Variants = z.output<typeof byName>;

interface LocationValues {
  readonly variants?: Variants;
  readonly preferFixed?: Readonly<Record<string, readonly string[]>>;
  readonly topics?: readonly string[];
  readonly assign?: readonly TopicPartition[];
}

interface LocationProblem {
  readonly path: "preferFixed";
  readonly message: string;
}

/** What single values cannot say: a variant that there is not, or a partition that the pipeline does not read or names twice. */
export function locationProblems(values: LocationValues): readonly LocationProblem[] {
  const { variants = {}, preferFixed = {} } = values;
  const problem = (message: string): LocationProblem => ({ path: "preferFixed", message });
  const unknown = Object.keys(preferFixed).filter((name) => !Object.hasOwn(variants, name));
  const named = Object.values(preferFixed).flat();
  const twice = named.filter((one, index) => named.indexOf(one) < index);
  const foreign = named.filter((one) => !isRead(one, values));
  return [
    ...(unknown.length === 0 ? [] : [problem(`it names ${listNames(unknown.map(quoteName))}, which is no variant`)]),
    ...(twice.length === 0 ? [] : [problem(`it names ${listNames(twice)} twice`)]),
    ...(foreign.length === 0 ? [] : [problem(`it names ${listNames(foreign)}, which the pipeline does not read`)]),
  ];
}

/** Undefined where every range goes to the default processor. */
export function routingOf({ variants = {}, preferFixed = {} }: LocationValues): Routing | undefined {
  const known = new Map(Object.entries(variants).map(([name, one]) => [name, variantOf(name, one)]));
  const byPartition = Object.entries(preferFixed).flatMap(([name, list]) => {
    const found = known.get(name);
    return found === undefined ? [] : list.map((one) => [one, found] as const);
  });
  const byRack = Object.entries(variants).flatMap(([name, { racks = [] }]) => {
    const found = known.get(name);
    return found === undefined ? [] : racks.map((rack) => [rack, found] as const);
  });
  return known.size === 0 ? undefined : { byPartition: new Map(byPartition), byRack: new Map(byRack) };
}

function variantOf(name: string, { timeoutMs, maxConcurrency }: Variants[string]): ProcessorVariant {
  return { name, timeoutMs, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) };
}

function isRouted(text: string): boolean {
  const { topic, partition } = partsOf(text);
  return isTopicName(topic) && (partition === "*" || readPartition(partition) !== undefined);
}

/** Of a pattern and of a strategy it is known only when they are asked. */
function isRead(text: string, { topics, assign }: LocationValues): boolean {
  const { topic, partition } = partsOf(text);
  if (assign !== undefined) {
    return assign.some((one) => one.topic === topic && (partition === "*" || String(one.partition) === partition));
  }
  return topics === undefined || topics.includes(topic);
}

function partsOf(text: string): { readonly topic: string; readonly partition: string } {
  const colon = text.lastIndexOf(":");
  return { topic: text.slice(0, Math.max(colon, 0)), partition: text.slice(colon + 1) };
}

// Envelope fields
//
// What of a record itself stands beside the fields of its value, and under which names.
//
//   EVF1  No name stands for two things, whatever its case: many query engines know no difference. Nothing is renamed
//         or left out for it: it is refused, with the option that mends it.

import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type OptionRules, requireOptions } from "../../core/options/require-options.ts";

/** What a record is beside its value; topic and partition are those of its range. */
export type EnvelopeField = "headers" | "key" | "offset" | "partition" | "timestamp" | "timestampType" | "topic";

/** Fields of a record beside those of its value. */
export interface EnvelopeFieldsOptions {
  /** In their order. @default - all of them: topic, partition, offset, timestamp, timestampType, key, headers */
  readonly fields?: readonly EnvelopeField[];
  /** In front of each name, of letters, digits and underscores: `_kafka_` makes `_kafka_offset`. @default - nothing */
  readonly prefix?: string;
}

/** All fields, some of them, or what says more of them. */
export type EnvelopeFields<Options extends EnvelopeFieldsOptions> = true | readonly EnvelopeField[] | Options;

/** A field, and its name in a file. */
export interface NamedField {
  readonly field: EnvelopeField;
  readonly name: string;
}

const FIELDS: readonly EnvelopeField[] = [
  "topic",
  "partition",
  "offset",
  "timestamp",
  "timestampType",
  "key",
  "headers",
];

/** Whole, and checked; `rules` are of what the format adds. Throws ConfigurationError. */
export function envelopeFieldsOf<Options extends EnvelopeFieldsOptions>(
  given: EnvelopeFields<Options>,
  rules: OptionRules<Omit<Options, keyof EnvelopeFieldsOptions>>,
): Partial<Options> & { readonly named: readonly NamedField[] } {
  const options: unknown = given === true ? {} : isList(given) ? { fields: given } : given;
  requireOptions<EnvelopeFieldsOptions>("envelope", options, { ...COMMON_RULES, ...rules });
  const { fields = FIELDS, prefix = "" } = options as EnvelopeFieldsOptions; // As they were just checked.
  const odd = fields.find((field, index) => !FIELDS.includes(field) || fields.indexOf(field) !== index);
  if (odd !== undefined) {
    throw wrong(`the field ${quote(odd)} is named twice, or is none of ${FIELDS.join(", ")}`);
  }
  const named = fields.map((field) => ({ field, name: `${prefix}${field}` }));
  return { ...(options as Partial<Options>), named };
}

const COMMON_RULES: OptionRules<EnvelopeFieldsOptions> = {
  fields: {
    expected: `a list of some of ${FIELDS.join(", ")}`,
    takes: (value) => Array.isArray(value) && value.length > 0,
  },
  prefix: {
    expected: "letters, digits and underscores",
    takes: (value) => typeof value === "string" && /^\w*$/.test(value),
  },
};

function isList<Options>(given: Options | readonly EnvelopeField[]): given is readonly EnvelopeField[] {
  return Array.isArray(given);
}

/** Throws ConfigurationError for a name that the value has, too (EVF1); `whose` says of what its fields are. */
export function requireApart(named: readonly NamedField[], names: readonly string[], whose: string): void {
  const taken = new Map(names.map((name) => [name.toLowerCase(), name]));
  for (const { field, name } of named) {
    const other = taken.get(name.toLowerCase());
    if (other !== undefined) {
      throw wrong(
        `its ${field} would have the name ${quote(name)}, beside the field ${quote(other)} of ${whose}; give it a prefix, as envelope: { prefix: "_kafka_" }, or leave ${field} out of its fields`,
      );
    }
  }
}

function wrong(problem: string): ConfigurationError {
  return new ConfigurationError(`envelope: ${problem}`);
}

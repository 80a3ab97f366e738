// Location rules
//
// What Spark refuses of a location strategy, as far as it is known before a broker is asked:
// PreferBrokers is for executors on the brokers' hosts, here for processors in their zones.

import { Token } from "aws-cdk-lib";
import { listNames, quoteName } from "../../../shared/core/bounded-text.ts";
import { RACK_OF_AVAILABILITY_ZONE } from "../../../shared/wire/environment/function-environment.ts";
import type { KafkaProps } from "../kafka/kafka-props.ts";
import {
  isObject,
  nested,
  type PropProblem,
  type PropRule,
  type PropRules,
  required,
  showValue,
  such,
  timeout,
} from "../props/prop-rules.ts";
import type { LocationProps } from "./location-props.ts";
import type { PreferBrokers, PreferFixed, ProcessorVariantProps } from "./location-strategy.ts";
import { prefersBrokers, toldRacks, type VariantProps, zonesOf } from "./plan-variants.ts";

const VARIANT_NAME = /^[A-Za-z][A-Za-z0-9]{0,31}$/;

const variant = nested<ProcessorVariantProps>({
  memorySize: such("whole MiB from 128 to 10240", (value) => isWhole(value, 128, 10_240)),
  timeout,
  maxConcurrency: such("a whole number from 1 to 20000", (value) => isWhole(value, 1, 20_000)),
});

const variants: PropRule = (value, name) =>
  isObject(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, one]) => [
        ...(VARIANT_NAME.test(key)
          ? []
          : [`${name} has ${quoteName(key)}; choose a letter, and then at most 31 letters and digits`]),
        ...variant(one, `${name}.${key}`),
      ])
    : [`${name} is ${showValue(value)}; choose an object of variants by name, as { large: { memorySize: 3538 } }`];

const texts = (example: string): PropRule =>
  such(`an object of texts, as ${example}`, (value) => isObject(value) && Object.values(value).every(isText));

const fixed = nested<PreferFixed>({
  preferFixed: required(texts('{ "orders:3": "large" }')),
  variants: required(variants),
});

const brokers = nested<PreferBrokers>({
  preferBrokers: required(
    nested<PreferBrokers["preferBrokers"]>({ racks: required(texts('{ "us-east-1a": "use1-az1" }')) }),
  ),
});

const locationStrategy: PropRule = (value, name) => {
  if (value === "preferConsistent" || value === "preferBrokers") {
    return [];
  }
  if (!isObject(value)) {
    return [`${name} is ${showValue(value)}; choose "preferConsistent", "preferBrokers" or { preferFixed, variants }`];
  }
  return "preferBrokers" in value ? brokers(value, name) : fixed(value, name);
};

export const locationRules: PropRules<LocationProps> = { locationStrategy };

/** What the strategy asks of other props. */
export function locationProblems(
  props: Pick<VariantProps, "locationStrategy" | "vpc" | "vpcSubnets"> & Pick<KafkaProps, "rackId">,
): readonly PropProblem[] {
  const { locationStrategy: strategy = "preferConsistent", vpc, rackId } = props;
  if (!prefersBrokers(strategy)) {
    return [];
  }
  const problem = (what: string) => ({
    prop: "locationStrategy",
    message: `locationStrategy is preferBrokers, ${what}`,
  });
  if (vpc === undefined) {
    return [problem("which puts a processor into each zone of a vpc, and there is none; set vpc")];
  }
  const zones = [...zonesOf(props).keys()];
  if (zones.length === 0 || zones.some((zone) => Token.isUnresolved(zone))) {
    return [
      problem(
        "and the zones of the vpc's subnets are known only when it is deployed; give the stack an env with account and region, or import the vpc by its attributes",
      ),
    ];
  }
  const foreign = Object.keys(toldRacks(strategy)).filter((zone) => !zones.includes(zone));
  return [
    ...(foreign.length === 0
      ? []
      : [problem(`and its racks name ${listNames(foreign)}, where no subnet is; there are ${listNames(zones)}`)]),
    ...(rackId === undefined || rackId === RACK_OF_AVAILABILITY_ZONE
      ? []
      : [problem(`which gives each processor its own rack, and rackId is ${quoteName(rackId)}; remove rackId`)]),
  ];
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
}

// Whole params
//
// What a secret that is a whole file of settings may say: how the functions enter. The rest
// of it is the pipeline's to say, which is told, and nothing in it leads to other places.

import { listNames } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { GivenProperty } from "../../shared/wire/kafka-params/named-params.ts";
import { settingName } from "../../shared/wire/kafka-params/setting-names.ts";

interface Beside {
  /** By kafkaParams. */
  readonly own: readonly GivenProperty[];
  /** By the pipeline's `sasl`. */
  readonly mechanism: string | undefined;
}

interface WholeParams {
  readonly taken: readonly GivenProperty[];
  /** As the secret spells them. */
  readonly unused: readonly string[];
}

/** Throws ConfigurationError that names settings, and nothing of their values. */
export function judgeWhole(properties: readonly GivenProperty[], beside: Beside): WholeParams {
  refuseReferences(properties);
  refuseContradictions(properties, beside);
  refuseSecondLogin(properties, beside);
  return {
    taken: properties.filter(({ key }) => !OF_PIPELINE.has(settingName(key))),
    unused: properties.map(({ key }) => key).filter((key) => OF_PIPELINE.has(settingName(key))),
  };
}

/** They are the pipeline's, which says them by its props. */
const OF_PIPELINE: ReadonlySet<string> = new Set([
  "auto.offset.reset",
  "client.id",
  "client.rack",
  "fetch.max.bytes",
  "fetch.max.wait.ms",
  "fetch.min.bytes",
  "max.partition.fetch.bytes",
  "request.timeout.ms",
]);

/** As Kafka finds a config provider's place in a value. */
const REFERENCE = /\$\{[\w.-]+:[^}]*\}|^s3:\/\//;

function refuseReferences(properties: readonly GivenProperty[]): void {
  const referring = properties.filter(({ value }) => REFERENCE.test(value)).map(({ key }) => key);
  if (referring.length > 0) {
    throw new ConfigurationError(
      `${listNames(referring)} of kafkaParamsSecret refers to another place, which is not followed from within a secret: put the value itself there, or give the setting by kafkaParams`,
    );
  }
}

function refuseContradictions(properties: readonly GivenProperty[], { own }: Beside): void {
  const values = new Map(own.map(({ key, value }) => [settingName(key), value]));
  const twice = properties.filter(({ key, value }) => {
    const known = values.get(settingName(key));
    return known !== undefined && known !== value;
  });
  if (twice.length > 0) {
    throw new ConfigurationError(
      `kafkaParams and kafkaParamsSecret say different things of ${listNames(twice.map(({ key }) => key))}: leave one of them`,
    );
  }
}

/** Of MSK's IAM, which the functions' roles sign for. */
const IAM_SETTINGS: readonly string[] = ["sasl.mechanism", "sasl.jaas.config", "sasl.client.callback.handler.class"];

/** Who the functions are is said once: what is read past would be somebody's password. */
function refuseSecondLogin(properties: readonly GivenProperty[], { mechanism }: Beside): void {
  const isAgreed = ({ key, value }: GivenProperty) => {
    const name = settingName(key);
    return name === "sasl.mechanism"
      ? value.trim() === mechanism
      : mechanism === "AWS_MSK_IAM" && IAM_SETTINGS.includes(name);
  };
  const others = properties.filter((one) => settingName(one.key).startsWith("sasl.") && !isAgreed(one));
  if (mechanism !== undefined && others.length > 0) {
    throw new ConfigurationError(
      `${listNames(others.map(({ key }) => key))} of kafkaParamsSecret and sasl.mechanism ${mechanism} of the pipeline both say who the functions are: leave one of them out`,
    );
  }
}

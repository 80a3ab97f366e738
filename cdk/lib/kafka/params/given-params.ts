// Given params
//
// What kafkaParams hold as text and references, whichever form they were given in.

import { ConfigurationError } from "../../../../shared/core/errors.ts";
import type { GivenProperty } from "../../../../shared/wire/kafka-params/named-params.ts";
import { isProviderSetting, providersIn } from "../../../../shared/wire/param-references/config-providers.ts";
import type { ParamReference } from "../../../../shared/wire/param-references/param-reference.ts";
import { parseReferences } from "../../../../shared/wire/param-references/parse-references.ts";
import { shownText } from "../../../../shared/wire/param-references/secret-settings.ts";
import { hasMethod, isObject, showValue } from "../../props/prop-rules.ts";
import type { KafkaParamValues, ObjectParam, ParameterParam, SecretParam } from "./param-values.ts";

export interface GivenParam extends GivenProperty {
  /** `value` has a sign in place of each reference. */
  readonly parts: readonly (string | ParamReference)[];
}

export interface GivenParams {
  readonly params: readonly GivenParam[];
  /** Of constructs, by what they refer to. */
  readonly constructs: readonly (SecretParam | ParameterParam | ObjectParam)[];
  readonly problems: readonly string[];
}

/** Without the settings of the config providers, which say what their references are called. */
export function readGivenParams(values: KafkaParamValues): GivenParams {
  const providers = providersIn(Object.entries<unknown>(values).map(([key, value]) => [key, String(value)]));
  const params: GivenParam[] = [];
  const constructs: (SecretParam | ParameterParam | ObjectParam)[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries<unknown>(values)) {
    if (isProviderSetting(key)) {
      continue;
    }
    if (isScalar(value)) {
      const text = String(value);
      try {
        const parts = parseReferences(text, providers);
        params.push({ key, value: shownText(parts), parts });
      } catch (error) {
        problems.push(`${key} ${messageOf(error)}`);
      }
      continue;
    }
    const reference = referenceOf(value);
    if (reference === undefined) {
      problems.push(
        `${key} is ${showValue(value)}; choose a text, a number, true, false, { secret, field }, { parameter } or { bucket, key }`,
      );
      continue;
    }
    constructs.push(value as SecretParam | ParameterParam | ObjectParam); // As referenceOf has looked at it.
    params.push({ key, value: shownText([reference]), parts: [reference] });
  }
  return { params, constructs, problems };
}

/** Undefined for what refers to nothing. */
export function referenceOf(value: unknown): ParamReference | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { secret, field, parameter, bucket, key } = value as Partial<Record<string, unknown>>;
  if (hasMethod(secret, "grantRead") && (field === undefined || typeof field === "string")) {
    return { secret: (secret as SecretParam["secret"]).secretArn, ...(field === undefined ? {} : { field }) };
  }
  if (hasMethod(parameter, "grantRead")) {
    return { parameter: (parameter as ParameterParam["parameter"]).parameterName };
  }
  return hasMethod(bucket, "grantRead") && typeof key === "string"
    ? { bucket: (bucket as ObjectParam["bucket"]).bucketName, key }
    : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

export function messageOf(error: unknown): string {
  if (error instanceof ConfigurationError) {
    return error.message;
  }
  throw error;
}

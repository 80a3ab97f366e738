// Config references
//
// What a file of settings refers to in place of a value, read as whoever runs the command may
// read it. The forms are those that the functions of a pipeline take.

import assert from "node:assert/strict";
import { AwsCallError } from "../../../shared/aws/aws-call-error.ts";
import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { joinProblems } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import type { GivenProperty } from "../../../shared/wire/kafka-params/named-params.ts";
import { settingName } from "../../../shared/wire/kafka-params/setting-names.ts";
import { ruleOf } from "../../../shared/wire/kafka-params/setting-rules.ts";
import { isProviderSetting, providersIn } from "../../../shared/wire/param-references/config-providers.ts";
import {
  isReference,
  type ParamParts,
  type ParamReference,
  showReference,
} from "../../../shared/wire/param-references/param-reference.ts";
import { parseReferences } from "../../../shared/wire/param-references/parse-references.ts";
import { type AwsServiceName, S3, SECRETS_MANAGER, SSM } from "../../aws-access.ts";
import { createReferenceFetcher, type FetchReference } from "../../kafka-params/fetch-references.ts";
import { putInFront } from "../../kafka-params/put-in-front.ts";
import { createParamReader, type ReadParams } from "../../kafka-params/read-params.ts";
import { type AwsResource, explainAwsError } from "./explain-aws-error.ts";
import { signedAccess } from "./signed-access.ts";

/**
 * The settings with what they refer to in its place, without those that say what references are called. Throws
 * ConfigurationError or RangeReadError that names the setting and the reference.
 */
export async function readReferences(properties: readonly GivenProperty[]): Promise<ReadParams> {
  const referring = referringIn(properties);
  const { properties: read, stores } = await createParamReader(fetcherOfCommand()).read(Object.fromEntries(referring));
  const values = new Map(read.map(({ key, value }) => [key, value]));
  return {
    properties: properties
      .filter(({ key }) => !isProviderSetting(key))
      .map((property) => ({ ...property, value: values.get(property.key) ?? property.value })),
    stores,
  };
}

/** Only of what is taken: nobody is asked for what is not used. Of equal keys the last counts. */
function referringIn(properties: readonly GivenProperty[]): ReadonlyMap<string, ParamParts> {
  const providers = providersIn(properties.map(({ key, value }) => [key, value]));
  const referring = new Map<string, ParamParts>();
  const problems: string[] = [];
  for (const [key, value] of new Map(properties.map((property) => [property.key, property.value]))) {
    try {
      const isTaken = !isProviderSetting(key) && ruleOf(settingName(key))?.here === "taken";
      const parts = isTaken ? parseReferences(value, providers) : [];
      if (parts.some(isReference)) {
        referring.set(key, parts);
      }
    } catch (error) {
      problems.push(`${key} ${messageOf(error)}`);
    }
  }
  if (problems.length > 0) {
    throw new ConfigurationError(joinProblems(problems));
  }
  return referring;
}

function fetcherOfCommand(): FetchReference {
  const known = new Map<string, Promise<AwsAccess>>();
  const accessTo = (service: AwsServiceName, region: string | undefined) => {
    const id = JSON.stringify([service.service, region]);
    const access = known.get(id) ?? signedAccess(service, { region });
    known.set(id, access);
    return access;
  };
  const fetch = createReferenceFetcher(accessTo);
  return async (reference) => {
    const { service, region, resource } = askedFor(reference);
    try {
      const access = await accessTo(service, region);
      return await fetch(reference).catch((error: unknown) => {
        throw explained(error, resource, access);
      });
    } catch (error) {
      throw putInFront(`${showReference(reference)} cannot be read`, error);
    }
  };
}

/** With what to do about it, where AWS was asked and it is somebody's to mend. */
function explained(error: unknown, resource: AwsResource, { region, endpoint }: AwsAccess): unknown {
  const { cause } = error as { readonly cause?: unknown }; // Of whatever was thrown.
  if (!(cause instanceof AwsCallError)) {
    return error;
  }
  const told = explainAwsError(cause, { ...resource, region, endpoint: endpoint.origin });
  if (told === cause) {
    const said = `${cause.name}: ${cause.message}`;
    return error instanceof ConfigurationError
      ? new ConfigurationError(said, { cause })
      : new RangeReadError(said, { cause });
  }
  return told instanceof ConfigurationError ? told : new RangeReadError(messageOf(told), { cause: told });
}

interface Asked {
  readonly service: AwsServiceName;
  readonly region: string | undefined;
  readonly resource: AwsResource;
}

function askedFor(reference: ParamReference): Asked {
  if ("secret" in reference) {
    const { secret: name, region } = reference;
    return { service: SECRETS_MANAGER, region, resource: { kind: "secret", name } };
  }
  if ("parameter" in reference) {
    const { parameter: name, region } = reference;
    return { service: SSM, region, resource: { kind: "parameter", name } };
  }
  assert("bucket" in reference, "only what is deployed lies beside its code");
  const { bucket, key, region } = reference;
  return { service: S3, region, resource: { kind: "object", name: `s3://${bucket}/${key}` } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

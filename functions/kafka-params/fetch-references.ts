// Fetch references
//
// What a setting refers to, read where it is kept: AWS Secrets Manager, Systems Manager, S3,
// and files beside a function's code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AwsAccess } from "../../shared/aws/aws-client.ts";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_STORE_BYTES } from "../../shared/key-stores/limits.ts";
import { createObjectReader } from "../../shared/remote-values/object-value.ts";
import { createParameterReader } from "../../shared/remote-values/parameter-value.ts";
import { createSecretReader } from "../../shared/remote-values/secret-value.ts";
import { type ParamReference, showReference } from "../../shared/wire/param-references/param-reference.ts";
import { type AwsServiceName, awsAccessIn, awsAccessOf, S3, SECRETS_MANAGER, SSM } from "../aws-access.ts";
import { readCodeFolder } from "../lambda-config.ts";

/** Rejects with ConfigurationError or RangeReadError that names the reference. */
export type FetchReference = (reference: ParamReference) => Promise<Buffer>;

/** As whom and where a service is asked; in the region of whoever asks where a reference names none. */
export type AccessTo = (service: AwsServiceName, region: string | undefined) => AwsAccess | Promise<AwsAccess>;

export function createReferenceFetcher(accessTo: AccessTo = accessOfFunction): FetchReference {
  const secrets = byRegion(SECRETS_MANAGER, createSecretReader, accessTo);
  const parameters = byRegion(SSM, createParameterReader, accessTo);
  const objects = byRegion(S3, createObjectReader, accessTo);
  return async (reference) => {
    if ("secret" in reference) {
      return (await secrets(reference.region))(reference.secret);
    }
    if ("parameter" in reference) {
      return (await parameters(reference.region))(reference.parameter);
    }
    const content = "file" in reference ? fileOf(reference.file) : await (await objects(reference.region))(reference);
    if (content.length > MAX_STORE_BYTES) {
      throw new ConfigurationError(
        `${showReference(reference)} is larger than ${MAX_STORE_BYTES} bytes: is it a key store?`,
      );
    }
    return content;
  };
}

const accessOfFunction: AccessTo = (service, region) =>
  region === undefined ? awsAccessOf(service) : awsAccessIn(region, service);

/** A client for each region that is asked, kept for the next time. */
function byRegion<Read>(service: AwsServiceName, create: (access: AwsAccess) => Read, accessTo: AccessTo) {
  const known = new Map<string | undefined, Read>();
  return async (region: string | undefined): Promise<Read> => {
    const read = known.get(region) ?? create(await accessTo(service, region));
    known.set(region, read);
    return read;
  };
}

function fileOf(name: string): Buffer {
  try {
    return readFileSync(join(readCodeFolder(), name));
  } catch (cause) {
    throw new ConfigurationError(`${quote(name)} is not beside the function's code: deploy it again`, { cause });
  }
}

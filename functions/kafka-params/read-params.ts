// Read params
//
// What the settings of a function refer to, read where it is kept: AWS Secrets Manager,
// Systems Manager, S3, and files beside the code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote, showName } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_STORE_BYTES } from "../../shared/key-stores/limits.ts";
import { createObjectReader } from "../../shared/remote-values/object-value.ts";
import { createParameterReader } from "../../shared/remote-values/parameter-value.ts";
import { createSecretReader } from "../../shared/remote-values/secret-value.ts";
import { parseJavaProperties } from "../../shared/wire/java/java-properties.ts";
import type { GivenProperty } from "../../shared/wire/kafka-params/named-params.ts";
import { nameSetting } from "../../shared/wire/kafka-params/setting-names.ts";
import { isReference, type ParamReference, showReference } from "../../shared/wire/param-references/param-reference.ts";
import type { ParamsVariable } from "../../shared/wire/param-references/params-variable.ts";
import { type AwsServiceName, awsAccessIn, awsAccessOf, S3, SECRETS_MANAGER, SSM } from "../aws-access.ts";
import { readCodeFolder } from "../lambda-config.ts";

export interface ReadParams {
  readonly properties: readonly GivenProperty[];
  /** Of each setting that says where a store is, by its name as it was given. */
  readonly stores: ReadonlyMap<string, Buffer>;
}

export interface ParamReader {
  read(params: ParamsVariable["params"]): Promise<ReadParams>;
  /** A consumer.properties, or an object of its settings in JSON. */
  readWhole(reference: ParamReference): Promise<readonly GivenProperty[]>;
}

/** Each function of it throws ConfigurationError or RangeReadError that names the reference and nothing of its value. */
export function createParamReader(fetch: FetchReference = createReferenceFetcher()): ParamReader {
  return {
    read: async (params) => {
      const stores = new Map<string, Buffer>();
      const fetchOnce = onceEach(fetch);
      const properties = await Promise.all(
        Object.entries(params).map(async ([key, parts]): Promise<GivenProperty> => {
          const contents = await Promise.all(parts.map(async (part) => (isReference(part) ? fetchOnce(part) : part)));
          const [store] = contents;
          const [reference] = parts;
          if (isLocation(key) && reference !== undefined && isReference(reference) && Buffer.isBuffer(store)) {
            stores.set(key, store);
            return { key, value: showReference(reference) };
          }
          return { key, value: contents.map((content) => content.toString("utf8")).join("") };
        }),
      );
      return { properties, stores };
    },
    readWhole: async (reference) => wholeOf(await fetch(reference), showReference(reference)),
  };
}

function isLocation(key: string): boolean {
  return /^ssl\.(?:trust|key)store\.location$/.test(nameSetting(key, "").name);
}

/** Two settings that refer to one secret ask for it once. */
function onceEach(fetch: FetchReference): FetchReference {
  const pending = new Map<string, Promise<Buffer>>();
  return (reference) => {
    const { field, ...whole } = "secret" in reference ? reference : { ...reference, field: undefined };
    const id = JSON.stringify(whole);
    const content = pending.get(id) ?? fetch(whole);
    pending.set(id, content);
    return field === undefined ? content : content.then((text) => fieldOf(text, field, showReference(reference)));
  };
}

function fieldOf(content: Buffer, field: string, what: string): Buffer {
  const fields = objectIn(content);
  if (fields === undefined) {
    throw new ConfigurationError(`${what} cannot be read: the secret is no JSON object`);
  }
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    throw new ConfigurationError(`${what} cannot be read: the secret has no such field with a text in it`);
  }
  return Buffer.from(String(value), "utf8");
}

function objectIn(content: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // A file of properties, say.
    return undefined;
  }
}

function wholeOf(content: Buffer, what: string): readonly GivenProperty[] {
  const settings = objectIn(content);
  if (settings === undefined) {
    return parseJavaProperties(content.toString("utf8"));
  }
  return Object.entries(settings).map(([key, value]) => {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new ConfigurationError(`${showName(key)} of ${what} is neither a text nor a number`);
    }
    return { key, value: String(value) };
  });
}

type FetchReference = (reference: ParamReference) => Promise<Buffer>;

function createReferenceFetcher(): FetchReference {
  const secrets = byRegion(SECRETS_MANAGER, createSecretReader);
  const parameters = byRegion(SSM, createParameterReader);
  const objects = byRegion(S3, createObjectReader);
  return async (reference) => {
    if ("secret" in reference) {
      return secrets(reference.region)(reference.secret);
    }
    if ("parameter" in reference) {
      return parameters(reference.region)(reference.parameter);
    }
    const content = "file" in reference ? fileOf(reference.file) : await objects(reference.region)(reference);
    if (content.length > MAX_STORE_BYTES) {
      throw new ConfigurationError(
        `${showReference(reference)} is larger than ${MAX_STORE_BYTES} bytes: is it a key store?`,
      );
    }
    return content;
  };
}

/** A client for each region that is asked, kept for the next time. */
function byRegion<Read>(service: AwsServiceName, create: (access: ReturnType<typeof awsAccessOf>) => Read) {
  const known = new Map<string | undefined, Read>();
  return (region: string | undefined): Read => {
    const read =
      known.get(region) ?? create(region === undefined ? awsAccessOf(service) : awsAccessIn(region, service));
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

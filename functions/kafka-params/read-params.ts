// Read params
//
// What settings refer to, put in its place: a value, a field of a secret, or a store of keys.

import { showName } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { parseJavaProperties } from "../../shared/wire/java/java-properties.ts";
import type { GivenProperty } from "../../shared/wire/kafka-params/named-params.ts";
import { settingName } from "../../shared/wire/kafka-params/setting-names.ts";
import { isReference, type ParamReference, showReference } from "../../shared/wire/param-references/param-reference.ts";
import type { ParamsVariable } from "../../shared/wire/param-references/params-variable.ts";
import { createReferenceFetcher, type FetchReference } from "./fetch-references.ts";
import { putInFront } from "./put-in-front.ts";

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

/**
 * Each function of it throws ConfigurationError or RangeReadError that names the setting and the reference, and nothing of
 * what is kept there.
 */
export function createParamReader(fetch: FetchReference = createReferenceFetcher()): ParamReader {
  return {
    read: async (params) => {
      const stores = new Map<string, Buffer>();
      const fetchOnce = onceEach(fetch);
      const properties = await Promise.all(
        Object.entries(params).map(async ([key, parts]): Promise<GivenProperty> => {
          const contents = await Promise.all(
            parts.map(async (part) => (isReference(part) ? fetchOnce(part) : part)),
          ).catch((error: unknown) => {
            throw putInFront(key, error);
          });
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
  return /^ssl\.(?:trust|key)store\.location$/.test(settingName(key));
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

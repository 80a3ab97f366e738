// Open JSON schema: a schema of a registry with what it refers to, which values are held against, and which can be looked at.

import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { MAX_FREE_BYTES } from "../limits.ts";
import type { RegisteredSchema } from "../schema-registry.ts";
import { boundedPattern } from "./bounded-pattern.ts";
import { runBounded } from "./run-bounded.ts";

export interface JsonSchema {
  /** Throws UndecodableError that says what of the value, of so many bytes, the schema refuses. */
  readonly requireValid: (value: unknown, bytes: number) => void;
  readonly root: SchemaPlace;
  /** What a `$ref` stands for; undefined where that is not found. */
  readonly resolve: (ref: string, document: SchemaDocument) => SchemaPlace | undefined;
}

/** A schema, and where it stands. */
export interface SchemaPlace {
  readonly schema: unknown;
  readonly document: SchemaDocument;
}

export interface SchemaDocument {
  /** Its address; undefined for a registered schema without an `$id`. */
  readonly base: string | undefined;
  readonly root: unknown;
}

/** What it throws is the schema's fault. */
export function openJsonSchema({ text, references }: Pick<RegisteredSchema, "text" | "references">): JsonSchema {
  const schema: unknown = JSON.parse(text);
  const ajv = newAjv(schema);
  const base = addressOf(schema);
  for (const { name, text: referred } of references) {
    // A name is meant as a $ref of the schema is: as Confluent's own library resolves both.
    ajv.addSchema(JSON.parse(referred), base === undefined ? name : ajv.opts.uriResolver.resolve(base, name));
  }
  const isValid = ajv.compile(schema as object); // Or a boolean, which it takes too.
  if ("$async" in isValid) {
    // The library's own keyword: it answers a promise, which is true of whatever it will say.
    throw new TypeError("it has $async, which JSON Schema does not know; leave it out");
  }
  return {
    requireValid(value, bytes) {
      const check = () => isValid(value);
      if (!(bytes > MAX_FREE_BYTES ? runBounded(check, "its schema's check") : check())) {
        throw new UndecodableError(`its schema refuses it: ${describeErrors(isValid.errors ?? [])}`);
      }
    },
    root: { schema, document: { base, root: schema } },
    resolve: (ref, document) => resolveRef(ajv, ref, document),
  };
}

/** By a pointer into its document, or into another one; what an `$anchor` says is the library's to know. */
function resolveRef(ajv: Ajv, ref: string, { base, root }: SchemaDocument): SchemaPlace | undefined {
  const [address = "", pointer = ""] = ref.split("#", 2);
  const document = address === "" ? { base, root } : documentAt(ajv, resolved(ajv, base, address));
  if (document === undefined || pointer === "" || pointer.startsWith("/")) {
    return document === undefined ? undefined : placeAt(document, pointer);
  }
  const schema = ajv.getSchema(resolved(ajv, base, ref))?.schema;
  return schema === undefined ? undefined : { schema, document };
}

function resolved(ajv: Ajv, base: string | undefined, ref: string): string {
  return base === undefined ? ref : ajv.opts.uriResolver.resolve(base, ref);
}

function documentAt(ajv: Ajv, address: string): SchemaDocument | undefined {
  const schema = ajv.getSchema(address)?.schema;
  return schema === undefined ? undefined : { base: address, root: schema };
}

/** By a JSON pointer, as RFC 6901 has it in a fragment. */
function placeAt(document: SchemaDocument, pointer: string): SchemaPlace | undefined {
  let schema: unknown = document.root;
  for (const step of pointer.split("/").slice(1)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    const isObject = typeof schema === "object" && schema !== null && Object.hasOwn(schema, name);
    schema = isObject ? (schema as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return schema === undefined ? undefined : { schema, document };
}

function addressOf(schema: unknown): string | undefined {
  const id = typeof schema === "object" && schema !== null && "$id" in schema ? schema.$id : undefined;
  return typeof id === "string" ? id.replace(/#$/, "") : undefined;
}

/** What the library asks for: of `code` it makes modules, which nothing here does. */
const regExp = Object.assign(boundedPattern, { code: "" });

function newAjv(schema: unknown): Ajv {
  const options = { strict: false, validateFormats: false, logger: false as const, code: { regExp } };
  const draft = typeof schema === "object" && schema !== null && "$schema" in schema ? String(schema.$schema) : "";
  if (draft.includes("2020-12")) {
    return new Ajv2020(options);
  }
  if (draft.includes("2019-09")) {
    return new Ajv2019(options);
  }
  const ajv = new Ajv(options);
  if (draft.includes("draft-06")) {
    ajv.addMetaSchema({ ...draft7Of(ajv), $id: "http://json-schema.org/draft-06/schema#" });
  }
  return ajv;
}

/** What draft 7 adds are keywords that draft 6 ignores. */
function draft7Of(ajv: Ajv): object {
  const { schema } = ajv.getSchema("http://json-schema.org/draft-07/schema") ?? {};
  return typeof schema === "object" ? schema : {};
}

function describeErrors(errors: readonly { readonly instancePath: string; readonly message?: string }[]): string {
  return errors.map(({ instancePath, message = "" }) => `${instancePath || "the whole"} ${message}`).join("; ");
}

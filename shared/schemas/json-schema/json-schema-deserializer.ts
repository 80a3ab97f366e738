import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { UndecodableError } from "../../core/decode/decode-errors.ts";
import type { Deserializer } from "../../core/decode/deserializer.ts";
import { parseJson } from "../plain/plain-deserializers.ts";
import { registryDeserializer } from "../registry-deserializer.ts";
import type { RegisteredSchema, SchemaRegistry } from "../schema-registry.ts";

/** How JSON with a schema is read. */
export interface JsonSchemaOptions {
  /** Where the schemas are that records were written with: `confluentRegistry` or `glueRegistry`. */
  readonly registry: SchemaRegistry;
  /** Whether a record that its own schema refuses is refused; else the schema is not asked for. @default true */
  readonly validate?: boolean;
}

/**
 * JSON that is framed by a registry's serializers and held against the schema that the registry has: draft 6 and 7,
 * 2019-09, 2020-12. `format` says nothing, as these drafts have it by default.
 */
export function jsonSchema<T = unknown>({ registry, validate = true }: JsonSchemaOptions): Deserializer<T> {
  if (!validate) {
    return { deserialize: (bytes, part) => parseJson(registry.unframe(bytes, part, "JSON").payload) as T };
  }
  return registryDeserializer<T>({
    format: "JSON",
    registry,
    compile(schema) {
      const isValid = validatorOf(schema);
      return (payload) => {
        const value = parseJson(payload);
        if (!isValid(value)) {
          throw new UndecodableError(`its schema refuses it: ${describeErrors(isValid.errors ?? [])}`);
        }
        return value as T; // What the code says that the schema is.
      };
    },
  });
}

function validatorOf({ text, references }: Pick<RegisteredSchema, "text" | "references">) {
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
  return isValid;
}

function addressOf(schema: unknown): string | undefined {
  const id = typeof schema === "object" && schema !== null && "$id" in schema ? schema.$id : undefined;
  return typeof id === "string" ? id.replace(/#$/, "") : undefined;
}

function newAjv(schema: unknown): Ajv {
  const options = { strict: false, validateFormats: false, logger: false } as const;
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

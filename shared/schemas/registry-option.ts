import { anObjectWith, required } from "../core/options/require-options.ts";
import type { SchemaRegistry } from "./schema-registry.ts";

/** The option that names a registry. */
export const REGISTRY = required(
  anObjectWith(
    ["fetchSchema", "unframe"] satisfies readonly (keyof SchemaRegistry)[],
    "what confluentRegistry(…) or glueRegistry(…) makes",
  ),
);

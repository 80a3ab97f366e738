import { requireOptions, TEXT } from "../../shared/core/options/require-options.ts";
import { createGlueRegistry } from "../../shared/schemas/glue/glue-registry.ts";
import type { SchemaRegistry } from "../../shared/schemas/schema-registry.ts";
import { awsAccessIn, awsAccessOf, GLUE } from "../aws-access.ts";

/** Where a registry of AWS Glue is. */
export interface GlueRegistryOptions {
  /** Where the registry is. @default - where the function is */
  readonly region?: string;
}

/**
 * AWS Glue Schema Registry, as its own serializers write for it, asked as the function's role: it needs
 * `glue:GetSchemaVersion` on the registry and its schemas. Throws ConfigurationError for options that are none.
 */
export function glueRegistry(options: GlueRegistryOptions = {}): SchemaRegistry {
  requireOptions("glueRegistry", options, { region: TEXT });
  const { region } = options;
  return createGlueRegistry(() => (region === undefined ? awsAccessOf(GLUE) : awsAccessIn(region, GLUE)));
}

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
 * `glue:GetSchemaVersion` on the registry and its schemas.
 */
export function glueRegistry({ region }: GlueRegistryOptions = {}): SchemaRegistry {
  return createGlueRegistry(() => (region === undefined ? awsAccessOf(GLUE) : awsAccessIn(region, GLUE)));
}

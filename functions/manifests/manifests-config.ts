import { decodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { type ManifestEnvironment, manifestEnvironment } from "../../shared/wire/environment/manifest-environment.ts";

/** Throws ConfigurationError that lists every wrong or unknown variable. */
export function readManifestConfig(variables: NodeJS.ProcessEnv = process.env): ManifestEnvironment {
  return decodeEnvironment(manifestEnvironment, variables);
}

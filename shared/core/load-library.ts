// Load library: an optional peer of this package, which whoever uses what needs it installs beside it.

import { ConfigurationError } from "./errors.ts";

/** The lowest version that will do of each that is loaded by a call, as package.json has it. */
export const LIBRARY_VERSIONS = {
  ajv: "8.20.0",
  avsc: "5.7.9",
  pg: "8.23.1",
  protobufjs: "8.8.1",
} as const;

/** Rejects with ConfigurationError that says what to install where it is missing; `user` is what needs it. */
export async function loadLibrary<Module>(
  user: string,
  name: keyof typeof LIBRARY_VERSIONS,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown }; // Any error's.
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") {
      throw cause;
    }
    const wanted = `${name}@${LIBRARY_VERSIONS[name]}`;
    throw new ConfigurationError(`${user} needs ${wanted} beside it: npm install --save-exact ${wanted}`, { cause });
  }
}

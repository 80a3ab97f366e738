import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** This package as it says of itself; what it was tried with is what its projects begin with. */
export interface OwnPackage {
  readonly name: string;
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function readOwnPackage(): OwnPackage {
  return JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("kafka-offset-ranges/package.json")), "utf8"));
}

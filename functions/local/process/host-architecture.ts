import { arch } from "node:process";

/** This machine's, by Lambda's name for it. */
export function hostArchitecture(): "arm64" | "x86_64" {
  return arch === "arm64" ? "arm64" : "x86_64";
}

// Map stacks
//
// Stack traces of a bundle by the lines of its sources. Node's own --enable-source-maps
// reads the whole map as the bundle is loaded, at every cold start; this reads it when
// a stack is asked for, which an environment where nothing fails never does.

import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isInLambda } from "./lambda-config.ts";

/** Of the bundle at this address, beside which esbuild has put its map. Does nothing outside of Lambda, or without a map. */
export function mapStacks(bundleUrl: string): void {
  const path = fileURLToPath(`${bundleUrl}.map`);
  if (!isInLambda() || !existsSync(path)) {
    return;
  }
  let known: SourceMap | undefined;
  const show = (frame: NodeJS.CallSite) => {
    try {
      known ??= new SourceMap(JSON.parse(readFileSync(path, "utf8")));
      return describeFrame(frame, { bundleUrl, map: known });
    } catch {
      // What is thrown here would come out of whoever reads `stack`.
      return asNodeShows(frame);
    }
  };
  Error.prepareStackTrace = (error, frames) =>
    [headOf(error), ...frames.map((frame) => `    at ${show(frame)}`)].join("\n");
}

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    // Whose own toString fails.
    return "an error that cannot be shown";
  }
}

interface Bundle {
  readonly bundleUrl: string;
  readonly map: SourceMap;
}

function describeFrame(frame: NodeJS.CallSite, { bundleUrl, map }: Bundle): string {
  const line = frame.getLineNumber();
  const column = frame.getColumnNumber();
  if (frame.getScriptNameOrSourceURL() !== bundleUrl || line === null || column === null) {
    return asNodeShows(frame);
  }
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) {
    return asNodeShows(frame);
  }
  // As seen from the bundle, wherever it was made.
  const source = resolve(fileURLToPath(bundleUrl), "..", entry.originalSource);
  const place = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  // A method's own, and of a function what the bundle calls it.
  const name = frame.getFunctionName();
  return `${frame.isAsync() ? "async " : ""}${name === null || name === "" ? place : `${name} (${place})`}`;
}

/** A call site has a toString of V8's own, which its type does not tell. */
function asNodeShows(frame: NodeJS.CallSite): string {
  return (frame as { toString(): string }).toString();
}

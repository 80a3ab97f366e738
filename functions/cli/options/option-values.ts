// Option values
//
// Parsers of single options' values, for commander: a wrong one ends the command
// before anything is done. Each throws ConfigurationError with the option and its
// value, which makes exit code 2.

import { accessSync, constants, statSync } from "node:fs";
import { parseEndpoint } from "../../../shared/aws/aws-endpoint.ts";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { parseBootstrapServers } from "../../../shared/kafka/connection/kafka-options.ts";
import { DECIMAL_RULE, readDecimal } from "../../../shared/wire/offsets/decimal.ts";

type Parse<Value> = (text: string) => Value;

/** A name, or any text but a blank one: what an unset variable of a shell leaves. */
export function parseName(option: string): Parse<string> {
  return (text) => {
    if (text.trim() === "") {
      throw new ConfigurationError(`${option} ${quote(text)} is empty; name one`);
    }
    return text;
  };
}

/** An endpoint of AWS, or of what stands in for it. */
export function parseEndpointUrl(option: string): Parse<string> {
  return (text) => {
    parseEndpoint(text, option);
    return text;
  };
}

/** `host:port` separated by commas. */
export function parseServers(text: string): readonly string[] {
  const servers = splitList("--bootstrap-servers", text);
  try {
    parseBootstrapServers(servers);
    return servers;
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new ConfigurationError(`--bootstrap-servers: ${error.message}`, { cause: error })
      : error;
  }
}

/** The path of a file that can be read, or of a pipe; what is in it is for its reader to judge. */
export function parseFile(option: string): Parse<string> {
  return (path) => {
    const problem = fileProblem(path);
    if (problem !== undefined) {
      throw new ConfigurationError(`${option} ${quote(path)} cannot be read: ${problem}; name a file`);
    }
    return path;
  };
}

function fileProblem(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory() ? "it is a folder" : undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** `name=value` of CDK's context, added to those before. */
export function parseContext(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === "") {
    throw new ConfigurationError(`--context ${quote(text)} is not NAME=VALUE`);
  }
  return { ...before, [name]: value };
}

/** Without repetitions. */
export function splitList(option: string, text: string): readonly string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) {
    throw new ConfigurationError(
      `${option} ${quote(text)} has an empty entry; give one or more, with one comma between them`,
    );
  }
  return [...new Set(parts)];
}

interface CountBounds {
  /** @default 1 */
  readonly min?: number;
  readonly max: number;
  /** What is counted, for messages. @default "" */
  readonly unit?: string;
}

export function parseCount(option: string, { min = 1, max, unit = "" }: CountBounds): Parse<number> {
  return (text) => {
    const count = readDecimal(text, { min: BigInt(min), max: BigInt(max) });
    if (count === undefined) {
      const what = unit === "" ? "a whole number" : `a whole number of ${unit}`;
      throw new ConfigurationError(`${option} ${quote(text)} is not ${what} from ${min} to ${max} ${DECIMAL_RULE}`);
    }
    return Number(count);
  };
}

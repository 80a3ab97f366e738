// Command config
//
// Kafka's client properties in a file, as its own tools take them and users of Spark,
// Spring or Connect have them at hand. What is read, whom it trusts and who it is are
// taken, or refused by their names; the rest is named in one line.

import { readFileSync } from "node:fs";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { decodeProperties, parseJavaProperties } from "../../../shared/wire/java/java-properties.ts";
import { type GivenBeside, judgeParams } from "../../../shared/wire/kafka-params/judge-params.ts";
import { type ConnectionParams, connectionParamsOf } from "../../kafka-params/connection-params.ts";
import { signBySdk } from "../../kafka-params/sdk-login.ts";
import { readStoreFile } from "../../kafka-params/store-file.ts";

export interface CommandContext extends GivenBeside {
  /** Is told in one line what is not used. */
  readonly note: (line: string) => void;
}

/** Throws ConfigurationError that names the file and what is wrong in it, without a password. */
export async function readCommandConfig(path: string, context: CommandContext): Promise<ConnectionParams> {
  const note = (line: string) => context.note(`${path}: ${line}`);
  const text = readText(path);
  try {
    const { params, notes } = judgeParams(parseJavaProperties(text), context);
    const connection = await connectionParamsOf(params, { readStore: readStoreFile, sign: signBySdk(note) });
    for (const line of notes) {
      note(line);
    }
    return connection;
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new ConfigurationError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
}

function readText(path: string): string {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigurationError(`--command-config ${quote(path)} cannot be read: ${String(cause)}`, { cause });
  }
  return decodeProperties(content);
}

// Command config
//
// Kafka's client properties in a file, as its own tools take them and users of Spark,
// Spring or Connect have them at hand. What is read, whom it trusts and who it is are
// taken, or refused by their names; the rest is named in one line.

import { readFileSync } from "node:fs";
import { listNames, quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { decodeProperties, parseJavaProperties } from "../../../shared/wire/java/java-properties.ts";
import { type GivenBeside, judgeParams } from "../../../shared/wire/kafka-params/judge-params.ts";
import type { GivenProperty } from "../../../shared/wire/kafka-params/named-params.ts";
import { isProviderSetting } from "../../../shared/wire/param-references/config-providers.ts";
import { mayRefer } from "../../../shared/wire/param-references/parse-references.ts";
import { type ConnectionParams, connectionParamsOf } from "../../kafka-params/connection-params.ts";
import { putInFront } from "../../kafka-params/put-in-front.ts";
import type { ReadParams } from "../../kafka-params/read-params.ts";
import { signBySdk } from "../../kafka-params/sdk-login.ts";
import { readStoreFile } from "../../kafka-params/store-file.ts";
import type { ReadStore } from "../../kafka-params/store-settings.ts";
import {
  type DecodingSettings,
  namesDeserializer,
  type TakenDecoding,
  takeDecoding,
} from "../decoding/decoding-settings.ts";

export interface CommandContext extends GivenBeside {
  /** Is told what is said of deserializers, by a command that runs them. @default - those that it could run are not used */
  readonly onDecoding?: ((decoding: DecodingSettings) => void) | undefined;
  /** Is told in one line what is not used. */
  readonly note: (line: string) => void;
}

/**
 * Throws ConfigurationError that names the file and what is wrong in it, without a password; RangeReadError while what it
 * refers to cannot be read.
 */
export async function readCommandConfig(path: string, context: CommandContext): Promise<ConnectionParams> {
  const note = (line: string) => context.note(`${path}: ${line}`);
  const text = readText(path);
  try {
    const { properties, stores } = await referredBy(parseJavaProperties(text));
    const { decoding, rest, unused } = takenFrom(properties, context);
    const { params, notes } = judgeParams(rest, context);
    if (unused.length > 0) {
      note(`not used, since no record is decoded: ${listNames(unused.map(({ key }) => key).toSorted())}`);
    }
    const readStore: ReadStore = (setting, location, what) =>
      stores.get(params.called(setting)) ?? readStoreFile(setting, location, what);
    context.onDecoding?.(await withTls(decoding));
    const connection = await connectionParamsOf(params, { readStore, sign: signBySdk(note) });
    for (const line of notes) {
      note(line);
    }
    return connection;
  } catch (error) {
    throw putInFront(path, error);
  }
}

/** With what its registry's settings of TLS come to. */
async function withTls({ registry, ...decoding }: DecodingSettings): Promise<DecodingSettings> {
  if (registry?.ssl === undefined) {
    return omitUndefined({ ...decoding, registry });
  }
  const { registryTls } = await import("../../deserializers/registry-tls.ts");
  return { ...decoding, registry: { ...registry, tls: await registryTls(registry.ssl) } };
}

/** `unused` is what says how records are decoded, to a command that decodes none. */
function takenFrom(
  properties: readonly GivenProperty[],
  { onDecoding }: CommandContext,
): TakenDecoding & { readonly unused: readonly GivenProperty[] } {
  if (onDecoding !== undefined) {
    return { ...takeDecoding(properties), unused: [] };
  }
  const { unused = [], rest = [] } = Object.groupBy(properties, (property) =>
    namesDeserializer(property) ? "unused" : "rest",
  );
  return { decoding: {}, rest, unused };
}

/** What asks AWS is loaded only for a file that refers to it. */
async function referredBy(properties: readonly GivenProperty[]): Promise<ReadParams> {
  if (!properties.some(({ key, value }) => isProviderSetting(key) || mayRefer(value))) {
    return { properties, stores: new Map() };
  }
  const { readReferences } = await import("./config-references.ts");
  return readReferences(properties);
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

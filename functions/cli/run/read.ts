import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { parseRangeArgument } from "../../../shared/wire/offsets/range-argument.ts";
import { GLUE } from "../../aws-access.ts";
import { readRanges } from "../commands/read-ranges.ts";
import type { DecodingSettings, DeserializerName } from "../decoding/decoding-settings.ts";
import { openDeserializers, type PartDeserializers } from "../decoding/open-deserializers.ts";
import { kafkaAccessOf } from "../options/kafka-access.ts";
import type { KafkaArguments } from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { usingKafka } from "./using-kafka.ts";

export interface ReadArguments extends KafkaArguments {
  readonly range: readonly string[];
  readonly keyDeserializer?: DeserializerName;
  readonly valueDeserializer?: DeserializerName;
  readonly schemaRegistryUrl?: string;
  readonly glueRegion?: string;
}

export async function runRead(options: ReadArguments, terminal: Terminal): Promise<ExitCode> {
  const ranges = options.range.map(parseRangeArgument);
  let inFile: DecodingSettings = {};
  const access = await kafkaAccessOf(
    options,
    (line) => terminal.note(line),
    (decoding) => {
      inFile = decoding;
    },
  );
  const deserializers = await deserializersOf(options, inFile);
  if (deserializers === undefined && inFile.registry !== undefined) {
    terminal.note(
      `${options.commandConfig}: what it says of a schema registry is not used, since neither keys nor values are decoded`,
    );
  }
  await usingKafka(access, options, ({ isolationLevel, ...kafka }) =>
    readRanges(
      { ...kafka, terminal, now: () => Date.now() },
      { ranges, isolationLevel, ...omitUndefined({ deserializers }) },
    ),
  );
  return EXIT.done;
}

/** What is said on the command line goes before what is said in a file; undefined where nothing is to be decoded. */
async function deserializersOf(
  { keyDeserializer, valueDeserializer, schemaRegistryUrl, glueRegion }: ReadArguments,
  inFile: DecodingSettings,
): Promise<PartDeserializers | undefined> {
  const key = keyDeserializer ?? inFile.key;
  const value = valueDeserializer ?? inFile.value;
  if (key === undefined && value === undefined) {
    return undefined;
  }
  const glue = glueRegion === undefined ? undefined : await glueAccess(glueRegion);
  const registry = { ...inFile.registry, ...omitUndefined({ url: schemaRegistryUrl, glue }) };
  return openDeserializers(omitUndefined({ key, value, registry }));
}

/** What asks AWS is loaded only where it is asked. */
async function glueAccess(region: string): Promise<AwsAccess> {
  const { signedAccess } = await import("../options/signed-access.ts");
  return signedAccess(GLUE, { region });
}

// Params entry
//
// How a function enters by Kafka's own settings: references are read when the first
// connection is opened, and again when an entry was refused, since what they refer to may
// have been renewed. The settings are judged by the same rules as a command's.
//
//   PE1  No value that was read is in a problem or in a log.
//   PE2  Settings that cannot be read now keep nobody from reading them next time.

import { createHash } from "node:crypto";
import { listNames } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { EntrySource, KafkaEntry } from "../../shared/kafka/connection/kafka-options.ts";
import { createSignedTokenMaker } from "../../shared/msk-iam/signed-token.ts";
import { createTokenCredentials } from "../../shared/msk-iam/token-credentials.ts";
import { judgeParams } from "../../shared/wire/kafka-params/judge-params.ts";
import type { GivenProperty } from "../../shared/wire/kafka-params/named-params.ts";
import { saysIdentity } from "../../shared/wire/login/login-options.ts";
import type { ParamsVariable } from "../../shared/wire/param-references/params-variable.ts";
import { awsAccessOf, KAFKA } from "../aws-access.ts";
import { entryOf } from "./entry-params.ts";
import { createParamReader, type ParamReader } from "./read-params.ts";
import type { Credentials, SignLogin } from "./sasl-settings.ts";
import type { ReadStore } from "./store-settings.ts";
import { judgeWhole } from "./whole-params.ts";

interface Given {
  readonly bootstrapServers: readonly string[];
  readonly isolationLevel?: string;
  /** In place of what the settings say. */
  readonly sasl?: Credentials;
  /** Of these. */
  readonly saslMechanism?: string;
  readonly note: Note;
}

/** Is told in one line what a secret says and is not used. */
export type Note = (line: string) => void;

interface Opened {
  readonly notes: readonly string[];
  /** Of all that was read. */
  readonly digest: string;
  readonly entry: KafkaEntry;
}

export function createParamsEntry(
  variable: ParamsVariable,
  given: Given,
  reader: ParamReader = createParamReader(),
): EntrySource {
  let known: Promise<Opened> | undefined;
  let renewal: Promise<Opened> | undefined;
  let isTold = false;
  const renew = async (before: Promise<Opened> | undefined): Promise<Opened> => {
    const [old, opened] = [await before?.catch(() => undefined), await open(variable, given, reader)];
    if (!isTold && opened.notes.length > 0) {
      isTold = true;
      given.note(`kafkaParamsSecret: ${opened.notes.join("; ")}`);
    }
    return old?.digest === opened.digest ? old : opened;
  };
  return async ({ wasRefused }) => {
    if (known === undefined || wasRefused) {
      renewal ??= renew(known).finally(() => {
        renewal = undefined;
      });
      known = renewal;
    }
    const asked = known;
    try {
      return (await asked).entry;
    } catch (error) {
      known = known === asked ? undefined : known;
      throw error;
    }
  };
}

async function open(variable: ParamsVariable, given: Given, reader: ParamReader): Promise<Opened> {
  const { properties, stores } = await reader.read(variable.params);
  const others = variable.whole === undefined ? [] : await reader.readWhole(variable.whole);
  const { taken, unused } = judgeWhole(others, { own: properties, mechanism: given.saslMechanism });
  const all = [...properties, ...taken];
  const { params, notes } = judgeParams(all, {
    bootstrapServers: given.bootstrapServers,
    isolationLevel: given.isolationLevel,
    names: { bootstrapServers: "the pipeline's bootstrapServers", isolationLevel: "the pipeline's isolationLevel" },
  });
  const readStore: ReadStore = (setting, _, what) => {
    const content = stores.get(params.called(setting));
    if (content === undefined) {
      throw new ConfigurationError(
        `${what} is no file of the function: refer to an object of S3, a secret or a parameter, or, in a secret that is the whole file, give certificates in its place as PEM (ssl.truststore.type=PEM and ssl.truststore.certificates)`,
      );
    }
    return content;
  };
  const { sasl } = given;
  const entry = await entryOf(params, { readStore, sign: signByRole, ...(sasl === undefined ? {} : { sasl }) });
  return {
    digest: digestOf(all, stores),
    entry,
    notes: variable.whole === undefined ? [] : [...told(unused), ...notes],
  };
}

function told(unused: readonly string[]): readonly string[] {
  return unused.length === 0
    ? []
    : [`not used, since the pipeline's props and kafkaParams say it: ${listNames(unused.toSorted())}`];
}

const signByRole: SignLogin = ({ mechanism, options }) => {
  const foreign = [...options.keys()].filter(saysIdentity);
  if (foreign.length > 0) {
    throw new ConfigurationError(
      `${listNames(foreign)} of sasl.jaas.config is not taken: with ${mechanism} a function signs with its own role`,
    );
  }
  return createTokenCredentials(createSignedTokenMaker(awsAccessOf(KAFKA)));
};

function digestOf(properties: readonly GivenProperty[], stores: ReadonlyMap<string, Buffer>): string {
  const hash = createHash("sha256").update(JSON.stringify(properties));
  for (const [key, content] of stores) {
    hash.update(JSON.stringify([key, content.length])).update(content);
  }
  return hash.digest("hex");
}

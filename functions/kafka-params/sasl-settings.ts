// SASL settings
//
// Kafka's sasl.* as kafkajs takes them. A login module belongs to a mechanism, and each
// of its options is used or refused: none is read past.

import type { SASLOptions } from "kafkajs";
import { quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { KafkaOptions } from "../../shared/kafka/connection/kafka-options.ts";
import { createSdkTokenMaker } from "../../shared/msk-iam/sdk-token.ts";
import { createTokenCredentials } from "../../shared/msk-iam/token-credentials.ts";
import { type LoginModule, parseJaasConfig } from "../../shared/wire/java/jaas-config.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { readRegion } from "../lambda-config.ts";
import { IAM_OPTIONS, iamIdentityOf, UNUSED_IAM_OPTIONS } from "./iam-options.ts";

interface MechanismRules {
  /** Java's classes without their package: some vendors ship them under another one. */
  readonly modules: readonly string[];
  readonly options: readonly string[];
  /** The callback handlers that are named with it, by their settings; of OAUTHBEARER they say whose token it is. */
  readonly handlers: Readonly<Record<string, string>>;
}

const PASSWORD_OPTIONS = ["username", "password"];
const TOKEN_OPTIONS = [...IAM_OPTIONS, ...UNUSED_IAM_OPTIONS];
const CLIENT_HANDLER = "sasl.client.callback.handler.class";
const LOGIN_HANDLER = "sasl.login.callback.handler.class";
const MSK_BEARER_HANDLER = "IAMOAuthBearerLoginCallbackHandler";

const MECHANISMS: Readonly<Record<string, MechanismRules>> = {
  // Either one hands Java's PLAIN the user and the password.
  PLAIN: { modules: ["PlainLoginModule", "ScramLoginModule"], options: PASSWORD_OPTIONS, handlers: {} },
  "SCRAM-SHA-256": { modules: ["ScramLoginModule"], options: PASSWORD_OPTIONS, handlers: {} },
  "SCRAM-SHA-512": { modules: ["ScramLoginModule"], options: PASSWORD_OPTIONS, handlers: {} },
  AWS_MSK_IAM: {
    modules: ["IAMLoginModule"],
    options: TOKEN_OPTIONS,
    handlers: { [CLIENT_HANDLER]: "IAMClientCallbackHandler" },
  },
  OAUTHBEARER: {
    modules: ["OAuthBearerLoginModule"],
    options: TOKEN_OPTIONS,
    handlers: { [CLIENT_HANDLER]: MSK_BEARER_HANDLER, [LOGIN_HANDLER]: MSK_BEARER_HANDLER },
  },
};

/** As kafkajs spells Kafka's names. */
const PASSWORD_MECHANISMS: Readonly<Record<string, "plain" | "scram-sha-256" | "scram-sha-512">> = {
  PLAIN: "plain",
  "SCRAM-SHA-256": "scram-sha-256",
  "SCRAM-SHA-512": "scram-sha-512",
};

/** Throws ConfigurationError, without a password in it. `note` is told what is not used. */
export function saslOf(settings: KafkaParams, note: (line: string) => void): NonNullable<KafkaOptions["sasl"]> {
  const name = settings.get("sasl.mechanism") ?? "GSSAPI";
  const rules = Object.hasOwn(MECHANISMS, name) ? MECHANISMS[name] : undefined;
  if (rules === undefined) {
    const given = settings.has("sasl.mechanism") ? quote(name) : "is not given, and Kafka's default GSSAPI";
    throw new ConfigurationError(`sasl.mechanism ${given} is not ${Object.keys(MECHANISMS).join(", ")}`);
  }
  requireHandlers(settings, name, rules);
  const jaas = settings.get("sasl.jaas.config");
  const options = jaas === undefined ? new Map<string, string>() : optionsOf(parseJaasConfig(jaas), name, rules);
  const mechanism = PASSWORD_MECHANISMS[name];
  return mechanism === undefined ? tokensOf(options, note) : passwordOf(options, mechanism);
}

function requireHandlers(settings: KafkaParams, name: string, { handlers }: MechanismRules): void {
  for (const setting of [CLIENT_HANDLER, LOGIN_HANDLER]) {
    const given = settings.get(setting);
    const expected = handlers[setting];
    if (given !== undefined && given.split(".").at(-1) !== expected) {
      throw new ConfigurationError(
        expected === undefined
          ? `${setting} is not taken with sasl.mechanism ${name}; remove it`
          : `${setting} ${quote(given)} is not taken with sasl.mechanism ${name}; only software.amazon.msk.auth.iam.${expected} is`,
      );
    }
  }
  if (name === "OAUTHBEARER" && !settings.has(LOGIN_HANDLER)) {
    throw new ConfigurationError(
      `sasl.mechanism OAUTHBEARER is taken for MSK only: with ${LOGIN_HANDLER}=software.amazon.msk.auth.iam.${MSK_BEARER_HANDLER}`,
    );
  }
}

/** Of the one module; an option is named only where it is known, since a password in a wrong place looks like one. */
function optionsOf(modules: readonly LoginModule[], name: string, rules: MechanismRules): ReadonlyMap<string, string> {
  const [module] = modules;
  if (module === undefined || modules.length > 1) {
    throw new ConfigurationError(`sasl.jaas.config holds ${modules.length} login modules; Kafka takes one`);
  }
  const className = module.name.split(".").at(-1) ?? "";
  if (KNOWN_MODULES.includes(className) && !rules.modules.includes(className)) {
    throw new ConfigurationError(`${name} needs ${rules.modules[0]}; sasl.jaas.config names ${className}`);
  }
  const index = [...module.options.keys()].findIndex((option) => !rules.options.includes(option));
  if (index >= 0) {
    const option = [...module.options.keys()][index] ?? "";
    const shown = KNOWN_OPTIONS.includes(option) ? option : `option ${index + 1}`;
    throw new ConfigurationError(
      `${shown} of sasl.jaas.config is not taken with ${name}; those taken are ${rules.options.join(", ")}`,
    );
  }
  return module.options;
}

/** A module of somebody's own is taken for one of its mechanism. */
const KNOWN_MODULES = [...Object.values(MECHANISMS).flatMap(({ modules }) => modules), "Krb5LoginModule"];

/** Of Kafka's and MSK's login modules. */
const KNOWN_OPTIONS: readonly string[] = [
  ...PASSWORD_OPTIONS,
  ...TOKEN_OPTIONS,
  ...["tokenauth", "serviceName", "useKeyTab", "keyTab", "principal", "storeKey", "useTicketCache"],
  ...["clientId", "clientSecret", "scope"],
];

function passwordOf(
  options: ReadonlyMap<string, string>,
  mechanism: "plain" | "scram-sha-256" | "scram-sha-512",
): SASLOptions {
  const username = options.get("username");
  const password = options.get("password");
  if (username === undefined || password === undefined) {
    throw new ConfigurationError(
      'sasl.jaas.config names no username and password; expected … required username="…" password="…";',
    );
  }
  return { mechanism, username, password };
}

function tokensOf(
  options: ReadonlyMap<string, string>,
  note: (line: string) => void,
): NonNullable<KafkaOptions["sasl"]> {
  const unused = UNUSED_IAM_OPTIONS.filter((option) => options.has(option));
  if (unused.length > 0) {
    note(`not used, since the AWS SDK tries again by rules of its own: ${unused.join(", ")} of sasl.jaas.config`);
  }
  const region = readRegion();
  const identity = iamIdentityOf(options, region);
  return createTokenCredentials(
    createSdkTokenMaker(region, {
      ...omitUndefined({ identity }),
      ...(options.get("awsDebugCreds") === "true" ? { debug: note } : {}),
    }),
  );
}

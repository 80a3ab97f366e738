// Login
//
// Kafka's sasl.* as one login: a mechanism with the options of its one login module. A
// module belongs to a mechanism, and each of its options is used or refused: none is read past.

import { listNames, quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type LoginModule, parseJaasConfig } from "../java/jaas-config.ts";
import type { KafkaParams } from "../kafka-params/kafka-params.ts";
import { ruleOf } from "../kafka-params/setting-rules.ts";
import { EXTENSION_PREFIX, IAM_OPTIONS, OAUTH_OPTIONS, UNUSED_IAM_OPTIONS } from "./login-options.ts";

type Options = ReadonlyMap<string, string>;

export type Login =
  | {
      readonly kind: "password";
      readonly mechanism: PasswordMechanism;
      readonly username: string;
      readonly password: string;
    }
  /** A token of MSK's, which is signed. */
  | { readonly kind: "iam"; readonly mechanism: string; readonly options: Options }
  /** A token of OpenID Connect. */
  | { readonly kind: "oauth"; readonly options: Options };

export type PasswordMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

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
const KAFKA_BEARER_HANDLER = "OAuthBearerLoginCallbackHandler";

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
    options: OAUTH_OPTIONS,
    handlers: { [CLIENT_HANDLER]: "OAuthBearerSaslClientCallbackHandler", [LOGIN_HANDLER]: KAFKA_BEARER_HANDLER },
  },
};

/** The same mechanism with MSK's handlers in place of Kafka's. */
const MSK_BEARER: MechanismRules = {
  modules: ["OAuthBearerLoginModule"],
  options: TOKEN_OPTIONS,
  handlers: { [CLIENT_HANDLER]: MSK_BEARER_HANDLER, [LOGIN_HANDLER]: MSK_BEARER_HANDLER },
};

const PASSWORD_MECHANISMS: readonly string[] = [
  "PLAIN",
  "SCRAM-SHA-256",
  "SCRAM-SHA-512",
] satisfies PasswordMechanism[];

/** Throws ConfigurationError, without a password in it. */
export function loginOf(settings: KafkaParams): Login {
  const name = settings.get("sasl.mechanism") ?? "GSSAPI";
  const rules = rulesOf(settings, name);
  if (rules === undefined) {
    const given = settings.has("sasl.mechanism") ? quote(name) : "is not given, and Kafka's default GSSAPI";
    throw new ConfigurationError(
      `${settings.called("sasl.mechanism")} ${given} is not ${Object.keys(MECHANISMS).join(", ")}`,
    );
  }
  requireHandlers(settings, name, rules);
  refuseOauth(settings, name, rules);
  const jaas = settings.get("sasl.jaas.config");
  const options = jaas === undefined ? new Map<string, string>() : optionsOf(parseJaasConfig(jaas), name, rules);
  if (rules.options === OAUTH_OPTIONS) {
    return { kind: "oauth", options };
  }
  return isPasswordMechanism(name) ? passwordLogin(name, options) : { kind: "iam", mechanism: name, options };
}

function isPasswordMechanism(name: string): name is PasswordMechanism {
  return PASSWORD_MECHANISMS.includes(name);
}

function rulesOf(settings: KafkaParams, name: string): MechanismRules | undefined {
  if (name === "OAUTHBEARER" && classOf(settings, LOGIN_HANDLER) === MSK_BEARER_HANDLER) {
    return MSK_BEARER;
  }
  return Object.hasOwn(MECHANISMS, name) ? MECHANISMS[name] : undefined;
}

/** A Java class without its package. */
function classOf(settings: KafkaParams, name: string): string | undefined {
  return settings.get(name)?.split(".").at(-1);
}

/** What only a token of OpenID Connect is asked for with, unless it says Kafka's default. */
function refuseOauth(settings: KafkaParams, name: string, { options }: MechanismRules): void {
  const idle = settings
    .names()
    .filter((setting) => setting.startsWith("sasl.oauthbearer."))
    .filter((setting) => ruleOf(setting)?.same?.includes(settings.get(setting) ?? "") !== true);
  if (options !== OAUTH_OPTIONS && idle.length > 0) {
    throw new ConfigurationError(
      `sasl.mechanism ${name} uses no ${listNames(idle.map((setting) => settings.called(setting)))}; remove them`,
    );
  }
}

function requireHandlers(settings: KafkaParams, name: string, { handlers }: MechanismRules): void {
  for (const setting of [CLIENT_HANDLER, LOGIN_HANDLER]) {
    const given = settings.get(setting);
    const expected = handlers[setting];
    if (given !== undefined && classOf(settings, setting) !== expected) {
      throw new ConfigurationError(
        expected === undefined
          ? `${settings.called(setting)} is not taken with sasl.mechanism ${name}; remove it`
          : `${settings.called(setting)} ${quote(given)} is not taken with sasl.mechanism ${name}; ${expected} is`,
      );
    }
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
  const isTaken = (option: string) =>
    rules.options.includes(option) || (rules.options === OAUTH_OPTIONS && option.startsWith(EXTENSION_PREFIX));
  const index = [...module.options.keys()].findIndex((option) => !isTaken(option));
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
  ...OAUTH_OPTIONS,
];

function passwordLogin(mechanism: PasswordMechanism, options: Options): Login {
  const username = options.get("username");
  const password = options.get("password");
  if (username === undefined || password === undefined) {
    throw new ConfigurationError(
      'sasl.jaas.config names no username and password; expected … required username="…" password="…";',
    );
  }
  return { kind: "password", mechanism, username, password };
}

// SASL settings
//
// A login by Kafka's sasl.* as kafkajs takes it.

import type { SASLOptions } from "kafkajs";
import type { KafkaOptions } from "../../shared/kafka/connection/kafka-options.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { type Login, loginOf } from "../../shared/wire/login/login.ts";
import { KAFKAJS_MECHANISMS } from "../kafkajs-mechanisms.ts";
import { oauthCredentialsOf } from "./oauth-settings.ts";

export type Credentials = NonNullable<KafkaOptions["sasl"]>;

/** Signs for MSK's IAM: a command as whom the options name, a function as its own role. */
export type SignLogin = (login: Login & { readonly kind: "iam" }) => Credentials;

/** Throws ConfigurationError, without a password in it. */
export function saslOf(settings: KafkaParams, sign: SignLogin): Credentials {
  const login = loginOf(settings);
  switch (login.kind) {
    case "oauth":
      return oauthCredentialsOf(settings, login.options);
    case "iam":
      return sign(login);
    case "password":
      return passwordSasl(login);
  }
}

type PasswordLogin = Login & { readonly kind: "password" };

function passwordSasl({ mechanism, username, password }: PasswordLogin): SASLOptions {
  return { mechanism: KAFKAJS_MECHANISMS[mechanism], username, password };
}

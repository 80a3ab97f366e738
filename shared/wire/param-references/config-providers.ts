// Config providers
//
// What a file of Kafka's settings calls AWS's config providers
// (aws-samples/msk-config-providers), by the settings that every client of Kafka's has for it.

import { type ConfigProviders, DEFAULT_PROVIDERS } from "./parse-references.ts";

/** The prefix that a setting has elsewhere is part of this one, too. */
const PROVIDER_SETTING = /^(?:kafka\.|consumer\.|spring\.kafka\.properties\.)?config\.providers(?:\.([^.]+)\.(.+))?$/;

const PROVIDER_CLASSES = {
  SecretsManagerConfigProvider: "secretsmanager",
  SsmParamStoreConfigProvider: "ssm",
  S3ImportConfigProvider: "s3import",
} as const;

/** Whether a setting says only what references are called. */
export function isProviderSetting(key: string): boolean {
  return PROVIDER_SETTING.test(key);
}

/** Of AWS's classes; a class of somebody else's is asked for nothing, and a reference to it is refused. */
export function providersIn(settings: Iterable<readonly [key: string, value: string]>): ConfigProviders {
  const given = [...settings].flatMap(([key, value]) => {
    const [, name, setting] = PROVIDER_SETTING.exec(key) ?? [];
    return name === undefined || setting === undefined ? [] : [{ name, setting, value: value.trim() }];
  });
  const providers = new Map(DEFAULT_PROVIDERS);
  for (const { name, value } of given.filter(({ setting }) => setting === "class")) {
    const kind = Object.entries(PROVIDER_CLASSES).find(([className]) => value.endsWith(`.${className}`))?.[1];
    const region = given.find((one) => one.name === name && one.setting === "param.region")?.value;
    if (kind === undefined) {
      providers.delete(name);
    } else {
      providers.set(name, { kind, ...(region === undefined ? {} : { region }) });
    }
  }
  return providers;
}

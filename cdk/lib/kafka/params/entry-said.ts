import { settingName } from "../../../../shared/wire/kafka-params/setting-names.ts";
import type { KafkaParamValues } from "./param-values.ts";

/** A setting by its name as it was given. */
interface SaidSetting {
  readonly key: string;
  readonly value: string;
}

/** Which of a cluster's listeners Kafka's settings are for. */
export interface EntrySaid {
  readonly protocol?: SaidSetting;
  readonly mechanism?: SaidSetting;
}

/** What is wrong with the settings is told elsewhere. */
export function entrySaidBy(values: KafkaParamValues = {}): EntrySaid {
  const protocol = find(values, "security.protocol");
  const mechanism = find(values, "sasl.mechanism");
  return {
    ...(protocol === undefined ? {} : { protocol: { ...protocol, value: protocol.value.toUpperCase() } }),
    ...(mechanism === undefined ? {} : { mechanism }),
  };
}

interface EntryBeside {
  readonly securityProtocol?: string;
  readonly kafkaParams?: KafkaParamValues;
}

/** A cluster of MSK is entered by the functions' roles where nothing says how, or the settings say it. */
export function entersByRoles({ securityProtocol, kafkaParams }: EntryBeside): boolean {
  const { protocol, mechanism } = entrySaidBy(kafkaParams);
  const isUnsaid = securityProtocol === undefined && protocol === undefined && mechanism === undefined;
  return isUnsaid || mechanism?.value === "AWS_MSK_IAM";
}

function find(values: KafkaParamValues, name: string): SaidSetting | undefined {
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== "object" && settingName(key) === name) {
      return { key, value: String(value).trim() };
    }
  }
  return undefined;
}

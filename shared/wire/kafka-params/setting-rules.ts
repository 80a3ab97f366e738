import { CONSUMER_SETTINGS } from "./consumer-settings.ts";
import { OTHER_SETTINGS, otherRuleOf } from "./other-settings.ts";
import { SECURITY_SETTINGS } from "./security-settings.ts";
import type { SettingRule, SettingRules } from "./setting-rule.ts";

/** Of every setting that Kafka's consumer has. */
export const KAFKA_SETTINGS: SettingRules = { ...CONSUMER_SETTINGS, ...SECURITY_SETTINGS };

/** For who has misspelt one. */
export const KNOWN_NAMES: readonly string[] = [...Object.keys(KAFKA_SETTINGS), ...Object.keys(OTHER_SETTINGS)];

/** Undefined for what is no setting of Kafka's, nor of what stands beside it. */
export function ruleOf(name: string): SettingRule | undefined {
  return Object.hasOwn(KAFKA_SETTINGS, name) ? KAFKA_SETTINGS[name] : otherRuleOf(name);
}

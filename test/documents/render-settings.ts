import type { SettingRule } from "../../shared/wire/kafka-params/setting-rule.ts";
import { KAFKA_SETTINGS } from "../../shared/wire/kafka-params/setting-rules.ts";
import { renderTable } from "./documents.ts";

/** Every setting of Kafka's consumer, from the rules that judge it. */
export function renderSettings(): string {
  const rows = Object.entries(KAFKA_SETTINGS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return renderTable(
    ["Setting", "Here", "What becomes of it"],
    rows.map(([name, rule]) => [`\`${name}\``, rule.here, describe(rule)]),
  );
}

/** Of what is refused, the values that are not. */
function describe({ here, text, same = [] }: SettingRule): string {
  const allowed = same.filter((value) => value !== "").map((value) => `\`${value}\``);
  return here === "refused" && allowed.length > 0 ? `${text} (but for ${allowed.join(", ")})` : text;
}

import { listNames, quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { SECURITY_PROTOCOLS, type SecurityProtocol } from "../../core/source/bootstrap-server.ts";
import type { KafkaParams } from "../kafka-params/kafka-params.ts";
import { ruleOf } from "../kafka-params/setting-rules.ts";

/** In any case, as Kafka takes it. Settings that it does not use are refused: they were meant to protect something. */
export function protocolOf(params: KafkaParams): SecurityProtocol {
  const given = params.get("security.protocol");
  const named = (given ?? "PLAINTEXT").toUpperCase();
  const protocol = SECURITY_PROTOCOLS.find((one) => one === named);
  if (protocol === undefined) {
    throw new ConfigurationError(
      `${params.called("security.protocol")} ${quote(given)} is not ${SECURITY_PROTOCOLS.join(", ")}`,
    );
  }
  const idle = params
    .names()
    .filter(
      (name) =>
        (name.startsWith("sasl.") && !protocol.startsWith("SASL_")) ||
        (name.startsWith("ssl.") && !protocol.endsWith("SSL")),
    )
    // Kafka's default protects nothing more than leaving it out.
    .filter((name) => ruleOf(name)?.same?.includes(params.get(name) ?? "") !== true);
  if (idle.length > 0) {
    const which =
      given === undefined ? "PLAINTEXT, the default of security.protocol," : `security.protocol ${protocol}`;
    const names = listNames(idle.map((name) => params.called(name)));
    throw new ConfigurationError(`${which} uses no ${names}: choose another protocol, or remove them`);
  }
  return protocol;
}

import { type Cluster, openCluster } from "../../../shared/kafka/cluster/cluster.ts";
import type { BrokerConnection } from "../../../shared/kafka/connection/broker-connection.ts";
import type { ApiCall } from "../../../shared/kafka/protocol/api-call.ts";

export interface AnsweringCluster {
  readonly cluster: Cluster;
  /** The requests by name, in the order in which they were asked. */
  readonly calls: readonly string[];
}

/** A cluster whose brokers answer each request, by its name, with what `answerOf` returns or throws. */
export function openAnsweringCluster(
  answerOf: (request: string, address: BrokerConnection["address"]) => object,
): AnsweringCluster {
  const calls: string[] = [];
  const connect = async (address: BrokerConnection["address"]) =>
    ({
      address,
      isUsable: true,
      setIdle: () => undefined,
      close: () => undefined,
      ask: async ({ name }: ApiCall<unknown, unknown>) => {
        calls.push(name);
        return { throttleTimeMs: 0, ...answerOf(name, address) };
      },
      // What a coordinator is asked through.
    }) as unknown as BrokerConnection;
  return { cluster: openCluster({ clientId: "tests", bootstrapServers: ["any:9092"], connect }), calls };
}

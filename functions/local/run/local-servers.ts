// Demo servers
//
// The Kafka and the AWS endpoint that `npm start` runs on: the user's own, or
// ones that it starts, watches and starts again when they die.

import { join } from "node:path";
import { type KafkaBroker, startKafkaBroker } from "../servers/kafka-broker.ts";
import { type MiniStack, startMiniStack } from "../servers/ministack.ts";

export interface DemoServers {
  readonly bootstrapServers: string;
  readonly endpoint: string;
  /** Starts what has died; says whether the endpoint is a new and empty one. */
  revive(): Promise<{ readonly isEndpointNew: boolean }>;
  stop(): Promise<void>;
}

export interface DemoServersOptions {
  readonly folder: string;
  /** The user's own; started when absent. */
  readonly bootstrapServers?: string;
  readonly awsEndpoint?: string;
  readonly say: (line: string) => void;
}

export async function startDemoServers(options: DemoServersOptions): Promise<DemoServers> {
  const { folder, say } = options;
  say(options.bootstrapServers === undefined ? "starting Kafka" : `using Kafka at ${options.bootstrapServers}`);
  say(options.awsEndpoint === undefined ? "starting MiniStack" : `using the AWS endpoint ${options.awsEndpoint}`);
  const startEndpoint = () => startMiniStack({ folder: join(folder, "ministack") });
  const startKafka = () => startKafkaBroker({ folder: join(folder, "kafka") });
  const stopAll = async (servers: readonly (KafkaBroker | MiniStack | undefined)[]) => {
    await Promise.all(servers.filter((server) => server !== undefined).map((server) => server.stop()));
  };
  const [kafkaStart, endpointStart] = await Promise.allSettled([
    options.bootstrapServers === undefined ? startKafka() : Promise.resolve(undefined),
    options.awsEndpoint === undefined ? startEndpoint() : Promise.resolve(undefined),
  ]);
  const kafka = kafkaStart.status === "fulfilled" ? kafkaStart.value : undefined;
  let ministack = endpointStart.status === "fulfilled" ? endpointStart.value : undefined;
  for (const start of [kafkaStart, endpointStart]) {
    if (start.status === "rejected") {
      await stopAll([kafka, ministack]);
      throw start.reason;
    }
  }
  return {
    bootstrapServers: options.bootstrapServers ?? kafka?.bootstrapServers ?? "",
    get endpoint() {
      return options.awsEndpoint ?? ministack?.endpoint ?? "";
    },
    revive: async () => {
      if (kafka?.hasExited() === true) {
        say("Kafka died; starting it again on its data");
        await kafka.restart();
      }
      const isEndpointNew = ministack?.hasExited() === true;
      if (isEndpointNew) {
        say("MiniStack died, and its tables with it; starting another");
        ministack = await startEndpoint();
      }
      return { isEndpointNew };
    },
    stop: () => stopAll([kafka, ministack]),
  };
}

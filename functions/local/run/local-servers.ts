// Local servers
//
// The Kafka and the AWS endpoint that pipelines run on: the user's own, or ones that are
// started here, watched and started again when they die.

import { join } from "node:path";
import { type KafkaBroker, startKafkaBroker } from "../servers/kafka-broker.ts";
import { emptyMiniStack, type MiniStack, startMiniStack } from "../servers/ministack.ts";

export interface LocalServers {
  readonly bootstrapServers: string;
  readonly endpoint: string;
  /** Starts what has died; says whether the endpoint is a new and empty one. */
  revive(): Promise<{ readonly isEndpointNew: boolean }>;
  /** Of the servers that were started here, to be taken again. */
  ports(): ServerPorts;
  stop(): Promise<void>;
}

export interface ServerPorts {
  readonly kafka?: readonly number[];
  readonly ministack?: number;
}

export interface LocalServersOptions {
  readonly folder: string;
  /** The user's own; started when absent. */
  readonly bootstrapServers?: string | undefined;
  readonly awsEndpoint?: string | undefined;
  /** Whether what the servers hold survives an orderly stop. @default false */
  readonly isKept?: boolean;
  /** Takes the code of functions while they run. @default a part of `folder` */
  readonly temporary?: string;
  /** @default any */
  readonly ports?: ServerPorts;
  readonly say: (line: string) => void;
}

export async function startLocalServers(options: LocalServersOptions): Promise<LocalServers> {
  const { say, bootstrapServers, awsEndpoint } = options;
  say(bootstrapServers === undefined ? "starting Kafka" : `using Kafka at ${bootstrapServers}`);
  say(awsEndpoint === undefined ? "starting MiniStack" : `using the AWS endpoint ${awsEndpoint}`);
  const stopAll = async (servers: readonly (KafkaBroker | MiniStack | undefined)[]) => {
    await Promise.all(servers.filter((server) => server !== undefined).map((server) => server.stop()));
  };
  const [kafkaStart, endpointStart] = await Promise.allSettled([
    bootstrapServers === undefined ? startKafka(options) : Promise.resolve(undefined),
    awsEndpoint === undefined ? startEndpoint(options) : Promise.resolve(undefined),
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
    bootstrapServers: bootstrapServers ?? kafka?.bootstrapServers ?? "",
    get endpoint() {
      return awsEndpoint ?? ministack?.endpoint ?? "";
    },
    revive: async () => {
      if (kafka?.hasExited() === true) {
        say("Kafka died; starting it again on its data");
        await kafka.restart();
      }
      const isEndpointNew = ministack?.hasExited() === true;
      if (isEndpointNew) {
        say("MiniStack died, and its tables with it; starting another");
        ministack = await startEndpoint({ ...options, ports: { ministack: ministack?.port ?? 0 }, isEmptied: true });
      }
      return { isEndpointNew };
    },
    ports: () => ({
      ...(kafka === undefined ? {} : { kafka: kafka.ports }),
      ...(ministack === undefined ? {} : { ministack: ministack.port }),
    }),
    stop: () => stopAll([kafka, ministack]),
  };
}

function startKafka({ folder, isKept = false, ports }: LocalServersOptions): Promise<KafkaBroker> {
  return startKafkaBroker({
    folder: join(folder, "kafka"),
    data: isKept ? "kept" : "emptied",
    ...(ports?.kafka === undefined ? {} : { ports: ports.kafka }),
  });
}

async function startEndpoint(options: LocalServersOptions & { readonly isEmptied?: boolean }): Promise<MiniStack> {
  const { folder, isKept = false, temporary, ports, isEmptied = false } = options;
  const own = join(folder, "ministack");
  if (isEmptied) {
    // What an earlier run left is older than what has just died.
    await emptyMiniStack(own);
  }
  return startMiniStack({
    folder: own,
    data: isKept ? "kept" : "dropped",
    ...(temporary === undefined ? {} : { temporary }),
    ...(ports?.ministack === undefined ? {} : { port: ports.ministack }),
  });
}

/** A listener beside the plain one, such as TLS; its key stores come as extra properties. */
export interface KafkaListener {
  readonly name: string;
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly port: number;
  /** host:port that clients are told to come to. @default where it listens */
  readonly advertised?: string;
}

export interface KafkaNode {
  readonly nodeId: number;
  readonly dataFolder: string;
  readonly listeners: readonly KafkaListener[];
  /** host:port of the quorum's controller. */
  readonly controllerAddress: string;
  /** Whether this node is that controller too. */
  readonly isController: boolean;
  /** Whether the data remember where the controller is; the configuration says it otherwise, and may say another place later. */
  readonly isQuorumKept: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

/** What makes one small node quick: no replicas to wait for, few internal partitions, a short memory of the dead. */
const smallNode = {
  // A killed broker is let in again only when its previous session has timed out.
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "4",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "4",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "group.initial.rebalance.delay.ms": "0",
  "log.cleaner.backoff.ms": "200",
  "auto.create.topics.enable": "false",
  // A record's own timestamp counts: what is produced as of last year would be deleted before it is processed.
  "log.retention.ms": "-1",
  "log.retention.bytes": "-1",
};

/** The text of server.properties. */
export function renderKafkaProperties(node: KafkaNode): string {
  const listeners = node.listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`);
  const advertised = node.listeners.map(({ name, port, advertised: at = `127.0.0.1:${port}` }) => `${name}://${at}`);
  const protocols = node.listeners.map(({ name, protocol }) => `${name}:${protocol}`);
  const properties = {
    "process.roles": node.isController ? "broker,controller" : "broker",
    "node.id": String(node.nodeId),
    ...(node.isQuorumKept
      ? { "controller.quorum.bootstrap.servers": node.controllerAddress }
      : { "controller.quorum.voters": `${node.nodeId}@${node.controllerAddress}` }),
    "controller.listener.names": "CONTROLLER",
    listeners: [...listeners, ...(node.isController ? [`CONTROLLER://${node.controllerAddress}`] : [])].join(","),
    "advertised.listeners": advertised.join(","),
    "listener.security.protocol.map": [...protocols, "CONTROLLER:PLAINTEXT"].join(","),
    "log.dirs": node.dataFolder,
    ...smallNode,
    ...node.properties,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

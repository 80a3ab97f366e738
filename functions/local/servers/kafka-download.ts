import { join } from "node:path";
import { cachedFolder } from "../process/cache-folder.ts";
import { downloadJars } from "../process/maven-download.ts";

const KAFKA_VERSION = "4.1.0";
const LOG4J_VERSION = "2.25.1";

/** The class path of the broker and of Kafka's own tools, downloaded on first use. */
export async function kafkaClassPath(): Promise<string> {
  const folder = await cachedFolder({
    name: `kafka-${KAFKA_VERSION}`,
    title: `Kafka ${KAFKA_VERSION} (54 MB)`,
    fill: (empty) =>
      downloadJars(empty, [
        `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`,
        `org.apache.kafka:kafka-tools:${KAFKA_VERSION}`,
        `org.apache.logging.log4j:log4j-core:${LOG4J_VERSION}`,
        `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J_VERSION}`,
      ]),
  });
  return join(folder, "lib", "*");
}

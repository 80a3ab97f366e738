import { join } from "node:path";
import { kafkaClassPath } from "../../../functions/local/servers/kafka-download.ts";
import { LineProcess } from "../../bench/reading/line-process.ts";

const program = new URL("JavaValues.java", import.meta.url).pathname;

/** What Java makes of a text, by the command of JavaValues.java; null where Java refuses it. */
export interface JavaAnswers {
  /** Those of the names that the whole of the pattern matches. */
  readonly patterns: readonly string[];
  /** By Kafka 4.1's JaasConfig. */
  readonly jaas: readonly { readonly name: string; readonly options: readonly (readonly [string, string])[] }[];
  /** By java.io.StreamTokenizer as later versions set it up: the kind and the text. */
  readonly jaasTokens: readonly string[];
  readonly properties: readonly (readonly [string, string])[];
  /** Kafka's name of a security.protocol. */
  readonly protocol: string;
  /** What Kafka keeps of a setting that is a password. */
  readonly password: string;
  /** How many certificates a trust store holds. */
  readonly trustStore: number;
  /** Of the consumer: its name, and its default where it has one; the text is not used. */
  readonly consumerSettings: readonly (readonly [name: string, otherwise?: string])[];
  /** Of all settings; the text is not used. */
  readonly names: readonly string[];
}

export interface JavaValues {
  of<Command extends keyof JavaAnswers>(
    command: Command,
    texts: readonly string[],
    more?: { readonly names: readonly string[] },
  ): Promise<readonly (JavaAnswers[Command] | null)[]>;
  stop(): Promise<void>;
}

/** Java and Kafka's client in a process of its own. */
export async function startJavaValues(folder: string): Promise<JavaValues> {
  const process = new LineProcess({
    name: "Java's values",
    command: "java",
    args: ["-Xmx256m", "-Xss4m", "-XX:TieredStopAtLevel=1", "-cp", await kafkaClassPath(), program],
    logFile: join(folder, "java-values.log"),
  });
  return {
    of: async (command, texts, more = { names: [] }) =>
      (await process.ask<{ readonly values: never }>({ command, texts, ...more })).values,
    stop: () => process.stop(),
  };
}

// The CDK app: what is deployed, here by `npm run dev` and in an account by `npm run deploy`.

import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { RangePipeline } from "kafka-offset-ranges/cdk";

const app = new App();
const stack = new Stack(app, "MyPipeline");

new RangePipeline(stack, "Orders", {
  // In an account: the brokers of your Kafka, where the topic of TOTALS_TOPIC has to exist, and the processor may write to
  // it and to transactional ids (README.md). `npm run dev` puts the brokers of this machine in their place.
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: fileURLToPath(new URL("orders.ts", import.meta.url)),
  processorEnvironment: { TOTALS_TOPIC: "order-totals" },
});

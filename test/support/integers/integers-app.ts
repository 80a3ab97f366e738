// The integers pipeline as an app of its own: `-c bootstrapServers=host:port -c topic=integers`.

import { fileURLToPath } from "node:url";
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";

const app = new App({ context: recommendedFlags });
const stack = new Stack(app, "Integers");
const integers = new Table(stack, "Integers", {
  partitionKey: { name: "source", type: AttributeType.STRING },
  sortKey: { name: "row", type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.DESTROY,
});
const pipeline = new RangePipeline(stack, "Pipeline", {
  bootstrapServers: String(app.node.tryGetContext("bootstrapServers")).split(","),
  topics: [String(app.node.tryGetContext("topic"))],
  processorEntry: fileURLToPath(new URL("integers-pipeline.ts", import.meta.url)),
  processorEnvironment: { INTEGERS_TABLE: integers.tableName },
  // A killed one blocks its partition for so long, and a start on a busy machine takes its time.
  processorTimeout: Duration.seconds(15),
  dispatchTimeout: Duration.seconds(5),
  maxRecordsPerPartition: 2_500,
  maxAttempts: 100,
});
integers.grant(pipeline, "dynamodb:PutItem", "dynamodb:UpdateItem");
new CfnOutput(stack, "IntegersTableName", { value: integers.tableName });

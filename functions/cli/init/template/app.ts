// The CDK app: what is deployed, here by `npm run dev` and in an account by `npm run deploy`.

import { fileURLToPath } from "node:url";
import { App, CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { RangePipeline } from "kafka-offset-ranges/cdk";

const app = new App();
const stack = new Stack(app, "MyPipeline");

const orders = new Table(stack, "OrdersTable", {
  partitionKey: { name: "orderId", type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.RETAIN,
});

const pipeline = new RangePipeline(stack, "Orders", {
  // In an account: the brokers of your Kafka. `npm run dev` puts those of this machine in their place.
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: fileURLToPath(new URL("orders.ts", import.meta.url)),
  processorEnvironment: { ORDERS_TABLE: orders.tableName },
});
orders.grantWriteData(pipeline);

new CfnOutput(stack, "OrdersTableName", { value: orders.tableName });

// The CDK app: what is deployed, here by `npm run dev` and in an account by `npm run deploy`.

import { fileURLToPath } from "node:url";
import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { ArchiveBucket, RangePipeline } from "kafka-offset-ranges/cdk";

const app = new App();
const stack = new Stack(app, "MyPipeline");

const archive = new ArchiveBucket(stack, "Archive", { prefix: "orders" });

const pipeline = new RangePipeline(stack, "Orders", {
  // In an account: the brokers of your Kafka. `npm run dev` puts those of this machine in their place.
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: fileURLToPath(new URL("orders.ts", import.meta.url)),
  processorEnvironment: { ARCHIVE_BUCKET: archive.bucket.bucketName },
});
archive.grantArchive(pipeline);

new CfnOutput(stack, "ArchiveBucketName", { value: archive.bucket.bucketName });

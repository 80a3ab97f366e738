// The CDK app: what is deployed, here by `npm run dev` and in an account by `npm run deploy`.

import { fileURLToPath } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { RangePipeline } from "kafka-offset-ranges/cdk";

const app = new App();
const stack = new Stack(app, "MyPipeline");

// On this machine: DATABASE_PASSWORD=… npm run dev. In an account there is none, and the function's role signs in.
const {
  DATABASE_HOST = "127.0.0.1",
  DATABASE_PORT = "5432",
  DATABASE_USER = "postgres",
  DATABASE_PASSWORD,
} = process.env;

new RangePipeline(stack, "Orders", {
  // In an account: the brokers of your Kafka. `npm run dev` puts those of this machine in their place. The function
  // has to reach the database as well: give it the `vpc`, and allow its role `rds-db:connect` on the user.
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: fileURLToPath(new URL("orders.ts", import.meta.url)),
  processorEnvironment: {
    DATABASE_HOST,
    DATABASE_PORT,
    DATABASE_USER,
    ...(DATABASE_PASSWORD ? { DATABASE_PASSWORD } : {}),
    // The authorities of RDS, as Lambda has them.
    NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem",
  },
});

// A project of somebody who uses the package, within the repository: its app is the one
// that `ranges dev` finds, and imports what it needs from the sources.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

export interface DevProject {
  readonly folder: string;
  /** Saves the pipeline's code, whose `process` does this for each `order` at `offset`. */
  saveCode(each: string): Promise<void>;
  /** Saves the app with these props beside those that it has. */
  saveApp(props: string): Promise<void>;
  remove(): Promise<void>;
}

export interface DevProjectOptions {
  readonly topic: string;
  /** Props beside those that each pipeline needs, as text. @default none */
  readonly props?: string;
  /** As text, what the code does for each order. */
  readonly each: string;
}

export async function createDevProject({ topic, props = "", each }: DevProjectOptions): Promise<DevProject> {
  const parent = join(ROOT, ".cache");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "dev-project-"));
  const save = (name: string, text: string) => writeFile(join(folder, name), text);
  const source = (path: string) => JSON.stringify(relative(folder, join(ROOT, path)));
  const saveCode = (code: string) =>
    save(
      "orders.ts",
      `import { createRangeProcessor } from ${source("functions/processor/create-range-processor.ts")};
export const handler = createRangeProcessor({
  async process(range) {
    for await (const { offset, value } of range.records()) {
      const order = JSON.parse(String(value));
${code}
    }
  },
});
`,
    );
  const saveApp = (own: string) => save("app.ts", appOf(topic, `${props}${own}`, source("cdk/lib/range-pipeline.ts")));
  await saveCode(each);
  await save("cdk.json", '{ "app": "node app.ts" }');
  await saveApp("");
  return { folder, saveCode, saveApp, remove: () => rm(folder, { recursive: true, force: true }) };
}

function appOf(topic: string, props: string, construct: string): string {
  return `import { App, Duration, Stack } from "aws-cdk-lib";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { RangePipeline } from ${construct};
const app = new App();
// As somebody has it for an account: in a looked-up VPC, on a cluster of MSK.
const stack = new Stack(app, "Mine", { env: { account: "123456789012", region: "eu-west-1" } });
new RangePipeline(stack, "Orders", {
  bootstrapServers: ["b-1.example:9098"],
  vpc: Vpc.fromLookup(stack, "Vpc", { vpcId: "vpc-0123" }),
  sasl: { mechanism: "AWS_MSK_IAM", clusterArn: "arn:aws:kafka:eu-west-1:123456789012:cluster/mine/1" },
  topics: [${JSON.stringify(topic)}],
  processorEntry: "orders.ts",
  ${props}
});
`;
}

// `ranges dev` beside somebody who writes code: each save is deployed, what is broken is told.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type DevProcess, startDev } from "../../support/dev/dev-process.ts";
import { createDevProject, type DevProject } from "../../support/dev/dev-project.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let topic: string;
let project: DevProject;
let dev: DevProcess;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code of the project.
  project = await createDevProject({ topic, each: "      console.log(`first code: order ${order.orderId}`);" });
  await writeFile(join(project.folder, "orders.jsonl"), '{"orderId":"1"}\n');
  dev = startDev(project.folder, [
    ...["--bootstrap-servers", inject("kafka.bootstrapServers"), "--aws-endpoint", inject("aws.endpoint")],
    ...["--produce", "orders.jsonl", "--interval-seconds", "1"],
  ]);
});

afterAll(async () => {
  dev.interrupt();
  await dev.ended();
  await topics.close();
  await project.remove();
});

test("an app that is made for MSK in a VPC runs as it is, is told of ready to paste, and its code's lines are shown", async () => {
  await dev.printed(`export AWS_ENDPOINT_URL=${inject("aws.endpoint")}`);
  await dev.printed("AWS_REGION=eu-west-1");
  await dev.printed(/npx ranges status --table \S+ --pipeline Orders --bootstrap-servers/);
  await dev.printed(`produced 1 records of orders.jsonl to ${topic}`);

  await dev.printed("| first code: order 1");
});

test("code that does not compile is told by file and line, and the code before runs on", async () => {
  await project.saveCode("      const x = ;");

  await dev.printed("saved, but not deployed; what is deployed runs on:");
  await dev.printed(/orders\.ts:6:\d+: ERROR: Unexpected ";"/);
  await topics.produce(topic, [{ value: '{"orderId":"2"}' }]);
  await dev.printed("| first code: order 2");
});

test("code that throws is deployed at its save, and its error names the project's own file and line", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code of the project.
  await project.saveCode("      throw new RangeError(`second code: order ${order.orderId}`);");
  await dev.printed("saved: deployed again");
  await topics.produce(topic, [{ value: '{"orderId":"3"}' }]);

  await dev.printed("RangeError: second code: order 3");
  await dev.printed("at process (orders.ts:6:13)");
});

test("what has failed is tried again with the code that was mended", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code of the project.
  await project.saveCode("      console.log(`third code: order ${order.orderId}`);");
  // Which may be shown before the deployment itself is.
  await dev.printed("| third code: order 3");
});

test("an app that fails is told, and one that has changed is deployed anew", async () => {
  await project.saveApp('...(() => { throw new Error("the app is broken"); })(),');
  await dev.printed("saved, but not deployed");
  await dev.printed("Error: the app is broken");

  await project.saveApp("batchInterval: Duration.minutes(2),");
  await dev.printed("saved: deployed again");
  await topics.produce(topic, [{ value: '{"orderId":"4"}' }]);
  await dev.printed("| third code: order 4");
});

test("a pipeline that a save adds is told of, ready to paste", async () => {
  await project.saveApp(
    `});
    new RangePipeline(stack, "Others", {
      bootstrapServers: ["b-1.example:9092"],
      topics: [${JSON.stringify(`${topic}-others`)}],
      processorEntry: "orders.ts",`,
  );

  await dev.printed(/npx ranges status --table \S+ --pipeline Others --bootstrap-servers/);
  await dev.printed(/npx ranges dead-letters list --target \S+ --pipeline Others/);
});

test("Ctrl-C ends it in order", async () => {
  dev.interrupt();

  expect(await dev.ended()).toMatchObject({ code: 0 });
});

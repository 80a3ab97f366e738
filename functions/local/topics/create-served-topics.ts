// Create served topics
//
// Topics that can be written and read as soon as they are said to be there. kafkajs's own
// waiting (waitForLeaders) ends with UNKNOWN_TOPIC_OR_PARTITION where a busy broker has not heard
// of a topic yet that the controller has.

import { setTimeout as delay } from "node:timers/promises";
import kafkajs, { type Admin, type ITopicConfig } from "kafkajs";

const SERVED_DEADLINE_MS = 20_000;
const POLL_MS = 20;

/** Resolves once each partition's leader serves it; rejects with kafkajs's error for what no waiting mends. */
export async function createServedTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics });
  const deadline = Date.now() + SERVED_DEADLINE_MS;
  for (const { topic } of topics) {
    while (!(await isServed(admin, topic))) {
      if (Date.now() > deadline) {
        throw new Error(`topic ${topic} was created, and is not served after ${SERVED_DEADLINE_MS} ms`);
      }
      await delay(POLL_MS);
    }
  }
}

async function isServed(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicOffsets(topic);
    return true;
  } catch (error) {
    if (mayPass(error)) {
      return false;
    }
    throw error;
  }
}

/** A client that has no tries left, or that makes one only, wraps what it met in an error that is not to be tried again. */
function mayPass(error: unknown): boolean {
  return error instanceof kafkajs.KafkaJSError && (error.retriable || mayPass(error.cause));
}

// Tenant topics: a strategy that reads the topics of every tenant there is, `<tenant>.events`
// and `<tenant>.audit`, also of those that come later. Events are read from where the
// pipeline is told to start, audits only from when they are found.

import { createScheduler } from "../scheduler/create-scheduler.ts";
import type { SourceStrategy } from "../scheduler/deps/scheduler-deps.ts";

const LATEST = -1;

export const selectTenantTopics: SourceStrategy = ({ partitions }) => {
  const ofTenants = partitions.filter(({ topic }) => /^[a-z0-9-]+\.(?:events|audit)$/.test(topic));
  const topics = Map.groupBy(ofTenants, ({ topic }) => topic);
  const startingOffsets = Object.fromEntries(
    [...topics]
      .filter(([topic]) => topic.endsWith(".audit"))
      .map(([topic, found]) => [topic, Object.fromEntries(found.map(({ partition }) => [partition, LATEST]))]),
  );
  return { selection: { assign: ofTenants }, startingOffsets };
};

export const handler = createScheduler({ strategy: selectTenantTopics });

// Scheduler function of pipelines whose source is configured.

import { createScheduler } from "./create-scheduler.ts";

export const handler = createScheduler();

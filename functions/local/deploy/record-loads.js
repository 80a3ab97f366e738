// Loaded into a CDK app as it is synthesized: writes down which files it loads, so that a
// save of one of them is known to concern the app and not only the code that it deploys.

import { appendFileSync } from "node:fs";
import module from "node:module";
import process from "node:process";

const file = process.env["KAFKA_OFFSET_RANGES_LOADS"];

// Absent in a Node of its own that an app may run on: every save then concerns the app.
if (file !== undefined && module.registerHooks !== undefined) {
  module.registerHooks({
    load(url, context, next) {
      if (url.startsWith("file:") && !url.includes("/node_modules/")) {
        appendFileSync(file, `${url}\n`);
      }
      return next(url, context);
    },
  });
}

// An invocation in a process of its own, to be killed: its argument is a ProcessorRun, as JSON.

import { runProcessorOnce } from "./processor-run.ts";

await runProcessorOnce(JSON.parse(process.argv[2] ?? ""));
// The connection that is kept warm does not keep the process.

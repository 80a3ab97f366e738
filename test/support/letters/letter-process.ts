// A letter run in a process of its own, to be killed: its argument is a LetterRun, as JSON.

import { processOpen } from "./letter-run.ts";

await processOpen(JSON.parse(process.argv[2] ?? ""));

// An attempt in a process of its own, to be killed: its argument is the settings of its connection, as JSON.

import { attempt } from "./postgres-bench.ts";

await attempt(JSON.parse(process.argv[2] ?? ""), { pipelining: false });

// `node schema-archive-process.ts RUN`: one invocation in a process of its own, to be killed. Its argument is JSON.

import { archiveOnce } from "./schema-archive.ts";

await archiveOnce(JSON.parse(process.argv[2] ?? ""));
process.exit(0);

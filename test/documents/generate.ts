// Writes anew what the documents take from the code.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readDocuments, withGenerated } from "./documents.ts";
import { generatedBlocks } from "./generated-blocks.ts";

const blocks = generatedBlocks();
for (const [path, text] of readDocuments()) {
  const generated = withGenerated(text, blocks);
  if (generated !== text) {
    writeFileSync(join(ROOT, path), generated);
    console.log(`${path} is written anew`);
  }
}

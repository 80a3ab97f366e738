// Writes the shipped example as a release for who deploys without CDK: npm run release [-- FOLDER].

import { resolve } from "node:path";
import { grantCounts, wordCountProps } from "../lib/app/word-count.ts";
import { writeRelease } from "../lib/release/write-release.ts";

const folder = resolve(process.argv[2] ?? "release");
const { files, warnings } = writeRelease({ props: wordCountProps, extend: grantCounts }, folder);
for (const warning of warnings) {
  console.warn(warning);
}
console.log(`wrote ${folder}: ${[...files.keys()].join(", ")}, SHA256SUMS`);

// Archive to S3: every record as it is, one line each, in an object per range and hour of its records,
// exactly once. The bucket is the variable ARCHIVE_BUCKET's.

import { requireVariable } from "../lambda-config.ts";
import { s3Archive } from "../outputs/s3/s3-archive.ts";
import { createRangeProcessor } from "../processor/create-range-processor.ts";

export const handler = createRangeProcessor({
  variables: ["ARCHIVE_BUCKET"],
  output: s3Archive({ bucket: () => requireVariable("ARCHIVE_BUCKET"), prefix: "archive" }),
  process: (range) => range.writeAll(),
});

// The shipped app: one word-count pipeline. `-c bootstrapServers=host:port -c topics=lines`.

import { App } from "aws-cdk-lib";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { readAppContext } from "../lib/app/app-context.ts";
import { WordCountStack } from "../lib/app/word-count-stack.ts";

const app = new App({ context: recommendedFlags });

new WordCountStack(app, "KafkaOffsetRanges", { pipeline: readAppContext(app) });

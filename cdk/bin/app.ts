// The shipped app: one word-count pipeline. `-c bootstrapServers=host:port -c topics=lines`.

import { App } from "aws-cdk-lib";
import { readAppContext } from "../lib/app-context.ts";
import { WordCountStack } from "../lib/word-count-stack.ts";

const app = new App();

new WordCountStack(app, "KafkaOffsetRanges", readAppContext(app));

import type { CodeParts } from "../../bundle/function-code.ts";
import { unusedCode } from "../../bundle/unused-code.ts";
import type { SettledParams } from "./settle-params.ts";

/** What Kafka's settings want of both functions' code. */
export function codePartsOf(settled: SettledParams | undefined): CodeParts {
  const hasParams = settled?.variable !== undefined;
  const mayNeedPkcs12 = settled?.mayNeedPkcs12 ?? false;
  return {
    unused: unusedCode({ hasParams, mayNeedPkcs12 }),
    files: (settled?.files ?? []).map(({ name, content }) => ({ name, contents: content })),
  };
}

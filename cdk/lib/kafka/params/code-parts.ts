import { omitUndefined } from "../../../../shared/core/omit-undefined.ts";
import type { CodeParts } from "../../bundle/function-code.ts";
import { type LetterKind, unusedCode } from "../../bundle/unused-code.ts";
import type { SettledParams } from "./settle-params.ts";

/** What Kafka's settings want of both functions' code, and where the letters of a processor go. */
export function codePartsOf(settled: SettledParams | undefined, letters?: LetterKind): CodeParts {
  const hasParams = settled?.variable !== undefined;
  const mayNeedPkcs12 = settled?.mayNeedPkcs12 ?? false;
  return {
    unused: unusedCode({ hasParams, mayNeedPkcs12, ...omitUndefined({ letters }) }),
    files: (settled?.files ?? []).map(({ name, content }) => ({ name, contents: content })),
  };
}

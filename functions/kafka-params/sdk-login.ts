// SDK login: a token of MSK's IAM, signed by the AWS SDK as whom the environment or the options name.

import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { createSdkTokenMaker } from "../../shared/msk-iam/sdk-token.ts";
import { createTokenCredentials } from "../../shared/msk-iam/token-credentials.ts";
import { UNUSED_IAM_OPTIONS } from "../../shared/wire/login/login-options.ts";
import { readRegion } from "../lambda-config.ts";
import { iamIdentityOf } from "./iam-options.ts";
import type { SignLogin } from "./sasl-settings.ts";

/** `note` is told what is not used. */
export function signBySdk(note: (line: string) => void): SignLogin {
  return ({ options }) => {
    const unused = UNUSED_IAM_OPTIONS.filter((option) => options.has(option));
    if (unused.length > 0) {
      note(`not used, since the AWS SDK tries again by rules of its own: ${unused.join(", ")} of sasl.jaas.config`);
    }
    const region = readRegion();
    const identity = iamIdentityOf(options, region);
    return createTokenCredentials(
      createSdkTokenMaker(region, {
        ...omitUndefined({ identity }),
        ...(options.get("awsDebugCreds") === "true" ? { debug: note } : {}),
      }),
    );
  };
}

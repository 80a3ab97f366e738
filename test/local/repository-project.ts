import { fileURLToPath } from "node:url";
import { type CdkProject, readCdkProject } from "../../functions/local/deploy/cdk-project.ts";

const folder = fileURLToPath(new URL("../../", import.meta.url));

/** This repository as the project of an app; by default the shipped one. */
export function repositoryProject(app = "cdk/bin/app.ts"): CdkProject {
  return readCdkProject({ folder, app: `node ${app}`, cliVersion: "2" });
}

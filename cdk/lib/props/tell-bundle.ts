import { resolve } from "node:path";
import { CfnResource } from "aws-cdk-lib";
import type { NodejsFunction, NodejsFunctionProps } from "aws-cdk-lib/aws-lambda-nodejs";
import { LOCAL_BUNDLE, type LocalBundle } from "../../../shared/wire/environment/local-context.ts";
import { localBootstrapServers } from "./local-deployment.ts";

/** Where the app is deployed to a local endpoint: says in the template how the function's code is bundled. */
export function tellBundle(
  handler: NodejsFunction,
  { entry = "", projectRoot = ".", bundling }: NodejsFunctionProps,
): void {
  const resource = handler.node.defaultChild;
  if (localBootstrapServers(handler) === undefined || bundling === undefined || !CfnResource.isCfnResource(resource)) {
    return;
  }
  const bundle: LocalBundle = {
    entryPoints: [resolve(entry)],
    absWorkingDir: resolve(projectRoot),
    target: bundling.target ?? "node24",
    minify: bundling.minify ?? false,
    sourcesContent: bundling.sourcesContent ?? true,
    external: bundling.externalModules ?? [],
    mainFields: bundling.mainFields ?? ["module", "main"],
    banner: { js: bundling.banner ?? "" },
  };
  resource.addMetadata(LOCAL_BUNDLE, bundle);
}

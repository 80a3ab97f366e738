import { resolve } from "node:path";
import { CfnResource } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LOCAL_BUNDLE } from "../../../shared/wire/environment/local-context.ts";
import { localBootstrapServers } from "../props/local-deployment.ts";
import { bundleOptions } from "./bundle-entry.ts";

/** Where the app is deployed to a local endpoint: says in the template how the function's code is bundled. */
export function tellBundle(handler: IFunction, entry: string): void {
  const resource = handler.node.defaultChild;
  if (localBootstrapServers(handler) !== undefined && CfnResource.isCfnResource(resource)) {
    resource.addMetadata(LOCAL_BUNDLE, bundleOptions(resolve(entry)));
  }
}

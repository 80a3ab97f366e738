// Swap code
//
// The short way of a deployment: where an assembly differs from the one that is deployed
// in nothing but the code of pipelines' functions, that code is given to them directly.

import { isDeepStrictEqual } from "node:util";
import { LambdaClient, UpdateFunctionCodeCommand, waitUntilFunctionUpdatedV2 } from "@aws-sdk/client-lambda";
import type { AssemblyStack, TemplateResource } from "./assembly.ts";
import type { StackOutputs } from "./deploy-app.ts";
import { localClient } from "./local-aws.ts";
import { zipFolder } from "./zip-folder.ts";

/** A local endpoint has new code in place within milliseconds, and is asked again soon. */
const WAITING = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 };
/** Lambda takes 50 MB in a request: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ZIP_BYTES = 50_000_000;

export interface CodeChange {
  readonly stack: AssemblyStack;
  readonly functionName: string;
  readonly codeFolder: string;
  readonly zip: Buffer;
}

/**
 * The code that is to be swapped, none where nothing differs; undefined where more than code differs. The functions that
 * are named as stale have other code than the assembly that was deployed says.
 */
export function findCodeChanges(
  before: readonly AssemblyStack[],
  after: readonly AssemblyStack[],
  { outputs, stale }: { readonly outputs: StackOutputs; readonly stale: ReadonlySet<string> },
): readonly CodeChange[] | undefined {
  const ids = (stacks: readonly AssemblyStack[]) => stacks.map(({ id }) => id);
  if (!isDeepStrictEqual(ids(before), ids(after))) {
    return undefined;
  }
  const changes: CodeChange[] = [];
  for (const [index, stack] of after.entries()) {
    const deployed = before[index];
    if (deployed === undefined || !isDeepStrictEqual(withoutCode(deployed), withoutCode(stack))) {
      return undefined;
    }
    for (const [id, resource] of Object.entries(stack.template.Resources ?? {})) {
      const key = codeKeyOf(resource);
      const functionName = physicalName(stack, id, outputs);
      if (key === codeKeyOf(deployed.template.Resources?.[id]) && !stale.has(functionName ?? "")) {
        continue;
      }
      const folder = codeFolderOf(stack, resource);
      const zip = folder === undefined ? undefined : zipFolder(folder);
      if (functionName === undefined || folder === undefined || zip === undefined || zip.length > MAX_ZIP_BYTES) {
        return undefined;
      }
      changes.push({ stack, functionName, codeFolder: folder, zip });
    }
  }
  return changes;
}

/** The code of these functions, whatever is deployed. */
export function codeOf(
  stacks: readonly AssemblyStack[],
  outputs: StackOutputs,
  names: ReadonlySet<string>,
): readonly CodeChange[] {
  return stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {}).flatMap(([id, resource]) => {
      const functionName = physicalName(stack, id, outputs);
      const folder = codeFolderOf(stack, resource);
      return functionName === undefined || folder === undefined || !names.has(functionName)
        ? []
        : [{ stack, functionName, codeFolder: folder, zip: zipFolder(folder) }];
    }),
  );
}

/** Returns once the next invocation runs the new code. */
export async function swapCode(endpoint: string, changes: readonly CodeChange[]): Promise<void> {
  for (const { stack, functionName: FunctionName, zip: ZipFile } of changes) {
    const client = new LambdaClient(localClient(endpoint, stack.environment));
    try {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
      await waitUntilFunctionUpdatedV2({ client, ...WAITING }, { FunctionName });
    } finally {
      client.destroy();
    }
  }
}

function withoutCode({ template }: AssemblyStack): unknown {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
    if (codeKeyOf(resource) === undefined) {
      return [id, resource];
    }
    const { Code: _code, ...properties } = resource.Properties ?? {};
    const { "aws:asset:path": _path, ...metadata } = resource.Metadata ?? {};
    return [id, { ...resource, Properties: properties, Metadata: metadata }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

/** Undefined of what is no function with an asset. */
function codeKeyOf(resource: TemplateResource | undefined): unknown {
  const code = resource?.Type === "AWS::Lambda::Function" ? resource.Properties?.["Code"] : undefined;
  return typeof code === "object" && code !== null && "S3Key" in code ? code.S3Key : undefined;
}

/** Undefined of what is no function with a zipped asset. */
export function codeFolderOf(stack: AssemblyStack, resource: TemplateResource): string | undefined {
  return stack.codeFolders.get(String(codeKeyOf(resource)).replace(/\.zip$/, ""));
}

/** As far as an output of the stack tells it. */
export function physicalName({ name, template }: AssemblyStack, id: string, outputs: StackOutputs): string | undefined {
  const output = Object.entries(template.Outputs ?? {}).find(([, { Value }]) => isDeepStrictEqual(Value, { Ref: id }));
  return output === undefined ? undefined : outputs[name]?.[output[0]];
}

import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Outputs of the stack, those that it has, with the construct's place in it in front: `OrdersLedgerTableName` of what the stack has as Orders. */
export function putOut(scope: Construct, values: Readonly<Record<string, string | undefined>>): void {
  // By its place in the stack, as CDK's own names, but for the hash: two pipelines of one id do not meet.
  const path = scope.node.scopes.slice(Stack.of(scope).node.scopes.length).map(({ node }) => node.id);
  const prefix = path.join("").replace(/[^A-Za-z0-9]/g, "");
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      new CfnOutput(scope, name, { value }).overrideLogicalId(`${prefix}${name}`);
    }
  }
}

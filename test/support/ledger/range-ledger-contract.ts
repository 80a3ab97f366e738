// Range ledger contract
//
// What every ledger does, whatever it is stored in. The same suite holds the one in
// memory and the one in DynamoDB to it, so that a test on the former says something
// about the latter.

import { describe } from "vitest";
import { describeWith } from "./describe-with.ts";
import { testChanges } from "./range-ledger-contract/change-cases.ts";
import type { LedgerUnderTest } from "./range-ledger-contract/ledger-under-test.ts";
import { testOperatorActs } from "./range-ledger-contract/operator-cases.ts";
import { testOutputs } from "./range-ledger-contract/output-cases.ts";
import { testOwnership } from "./range-ledger-contract/ownership-cases.ts";
import { testPlanning } from "./range-ledger-contract/plan-cases.ts";
import { testPipelines, testReprocessRequests } from "./range-ledger-contract/request-cases.ts";
import { testSplits } from "./range-ledger-contract/split-cases.ts";

export function describeRangeLedger<Output>(name: string, create: () => Promise<LedgerUnderTest<Output>>): void {
  describeWith(name, create, (subject) => {
    describe("planning", () => testPlanning(subject));
    describe("changes", () => testChanges(subject));
    describe("operators", () => testOperatorActs(subject));
    describe("outputs", () => testOutputs(subject));
    describe("ownership", () => testOwnership(subject));
    describe("splits", () => testSplits(subject));
    describe("pipelines", () => testPipelines(subject));
    describe("reprocess requests", () => testReprocessRequests(subject));
  });
}

import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../shared/core/ledger-table.ts";

export interface LedgerTableProps {
  /** @default - a name that CloudFormation makes */
  readonly tableName?: string;
  /**
   * What happens to the ledger with the stack. It is the only place that knows what was processed.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The ledger: one table for any number of pipelines. */
export class LedgerTable extends Construct {
  readonly tableName: string;
  readonly #table: Table;

  constructor(scope: Construct, id: string, props: LedgerTableProps = {}) {
    super(scope, id);
    this.#table = new Table(this, "Table", {
      partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: SORT_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      ...(props.tableName === undefined ? {} : { tableName: props.tableName }),
    });
    this.tableName = this.#table.tableName;
  }

  /** Lets the scheduler and the processors plan, claim, commit and complete; nothing can be deleted. */
  grantLedger(grantee: IGrantable): void {
    this.#table.grant(grantee, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem");
  }
}

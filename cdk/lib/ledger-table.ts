import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, type ITable, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import {
  EXPIRY_ATTRIBUTE,
  manifestsKey,
  PARTITION_KEY,
  PIPELINES_KEY,
  pipelineKeyPrefix,
  SORT_KEY,
} from "../../shared/core/ledger/ledger-table.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { flag, hasMethod, type PropRules, such, text } from "./props/prop-rules.ts";
import { requireProps } from "./props/refuse-props.ts";

/** A table that pipelines keep their ranges in: one of this stack, or one that exists. */
export interface Ledger {
  readonly tableName: string;
  /** For grants and metrics of your own. */
  readonly table: ITable;
  /** Lets the grantee plan, claim, commit and complete ranges of this pipeline; nothing can be deleted. */
  grantLedger(grantee: IGrantable, pipelineName: string): void;
  /** Lets the grantee read what the ledger keeps of this pipeline. */
  grantReadLedger(grantee: IGrantable, pipelineName: string): void;
  /** Lets the grantee read that, and keep how far the manifests of this pipeline are. */
  grantKeepManifests(grantee: IGrantable, pipelineName: string): void;
}

/** The table of a ledger. */
export interface LedgerTableProps {
  /** @default - a name that CloudFormation makes */
  readonly tableName?: string;
  /**
   * What happens to the ledger with the stack. It is the only place that knows what was processed.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether DynamoDB refuses to delete the table, whoever asks.
   * @default - true, unless the removal policy is to destroy it
   */
  readonly deletionProtection?: boolean;
  /** A customer key that encrypts the table. @default - a key of DynamoDB's own */
  readonly encryptionKey?: IKey;
}

/** What is to be known of a table that exists. */
export interface ImportedLedgerOptions {
  /** The customer key that encrypts the table. @default - none */
  readonly encryptionKey?: IKey;
}

const ledgerRules: PropRules<LedgerTableProps> = {
  tableName: text,
  removalPolicy: text,
  deletionProtection: flag,
  encryptionKey: such("a Key", (value) => hasMethod(value, "grantEncryptDecrypt")),
};
const importedRules: PropRules<ImportedLedgerOptions> = { encryptionKey: ledgerRules.encryptionKey };

/** The ledger: one table for any number of pipelines, best in a stack of its own. */
export class LedgerTable extends Construct implements Ledger {
  /**
   * A ledger that exists: of another stack, or what point-in-time recovery has restored (which makes a new table; turn on
   * its time to live, attribute `expiresAt`, and point-in-time recovery).
   */
  static fromTableName(scope: Construct, id: string, tableName: string, options: ImportedLedgerOptions = {}): Ledger {
    requireProps(scope, options, importedRules);
    const { encryptionKey } = options;
    const table = Table.fromTableAttributes(scope, id, {
      tableName,
      ...omitUndefined({ encryptionKey }),
    });
    return {
      tableName,
      table,
      grantLedger: (grantee, pipelineName) => grantAll(table, grantee, { pipelineName, encryptionKey }),
      grantReadLedger: (grantee, pipelineName) => grantRead(table, grantee, { pipelineName, encryptionKey }),
      grantKeepManifests: (grantee, pipelineName) => grantManifests(table, grantee, { pipelineName, encryptionKey }),
    };
  }

  readonly tableName: string;
  /** For grants and metrics of your own. */
  readonly table: ITable;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: LedgerTableProps = {}) {
    super(scope, id);
    requireProps(this, props, ledgerRules);
    const { removalPolicy = RemovalPolicy.RETAIN, encryptionKey } = props;
    const table = new Table(this, "Table", {
      partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: SORT_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
      deletionProtection: props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
      ...(encryptionKey === undefined ? {} : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      ...omitUndefined({ tableName: props.tableName }),
    });
    // CDK declares its interfaces without exactOptionalPropertyTypes in mind.
    this.table = table as ITable;
    this.tableName = table.tableName;
    this.#encryptionKey = encryptionKey;
  }

  /** Lets the grantee plan, claim, commit and complete ranges of this pipeline; nothing can be deleted. */
  grantLedger(grantee: IGrantable, pipelineName: string): void {
    grantAll(this.table, grantee, { pipelineName, encryptionKey: this.#encryptionKey });
  }

  /** Lets the grantee read what the ledger keeps of this pipeline. */
  grantReadLedger(grantee: IGrantable, pipelineName: string): void {
    grantRead(this.table, grantee, { pipelineName, encryptionKey: this.#encryptionKey });
  }

  /** Lets the grantee read that, and keep how far the manifests of this pipeline are. */
  grantKeepManifests(grantee: IGrantable, pipelineName: string): void {
    grantManifests(this.table, grantee, { pipelineName, encryptionKey: this.#encryptionKey });
  }
}

interface LedgerPart {
  readonly pipelineName: string;
  readonly encryptionKey: IKey | undefined;
}

const READ_ACTIONS = ["dynamodb:GetItem", "dynamodb:Query"];

function grantAll(table: ITable, grantee: IGrantable, part: LedgerPart): void {
  // A transaction is granted by what it consists of.
  grantOn(table, grantee, part, [...READ_ACTIONS, "dynamodb:PutItem", "dynamodb:UpdateItem"]);
  part.encryptionKey?.grantEncryptDecrypt(grantee);
}

function grantRead(table: ITable, grantee: IGrantable, part: LedgerPart): void {
  grantOn(table, grantee, part, READ_ACTIONS);
  part.encryptionKey?.grantDecrypt(grantee);
}

function grantManifests(table: ITable, grantee: IGrantable, part: LedgerPart): void {
  grantOn(table, grantee, part, READ_ACTIONS);
  grantOnKeys(table, grantee, [manifestsKey(part.pipelineName)], ["dynamodb:UpdateItem"]);
  part.encryptionKey?.grantEncryptDecrypt(grantee);
}

/** Of a table that pipelines share each has its own keys, and the one that lists them all. */
function grantOn(table: ITable, grantee: IGrantable, { pipelineName }: LedgerPart, actions: string[]): void {
  grantOnKeys(table, grantee, [PIPELINES_KEY, `${pipelineKeyPrefix(pipelineName)}*`], actions);
}

function grantOnKeys(table: ITable, grantee: IGrantable, keys: readonly string[], actions: string[]): void {
  const conditions = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } };
  Grant.addToPrincipal({ grantee, actions, resourceArns: [table.tableArn], conditions });
}

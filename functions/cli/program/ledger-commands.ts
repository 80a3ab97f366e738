// The commands that look at a ledger, and at Kafka where they are told its brokers: status, verify; and
// what is written of it beside an archive: manifests.

import { Command, Option } from "commander";
import { MAX_STUCK_AFTER_MINUTES } from "../../../shared/core/limits.ts";
import { parseCount } from "../options/option-values.ts";
import { addConnectionOptions, addKafkaOptions, addLedgerOptions } from "../options/options.ts";
import { type OutputPlace, parseOutputPlace } from "../outputs/output-place.ts";
import type { ManifestArguments } from "../run/manifests.ts";
import type { StatusArguments } from "../run/status.ts";
import type { VerifyArguments } from "../run/verify.ts";
import type { Choose } from "./action.ts";

export function statusCommand(choose: Choose): Command {
  return addLedgerOptions(addKafkaOptions(new Command("status"), { isRequired: false }))
    .description("Show where each partition stands; with --bootstrap-servers also its lag.")
    .option("--group <group>", "with brokers, also where this consumer group stands, as commitGroupId names it")
    .action((options: StatusArguments) =>
      choose(async (terminal) => (await import("../run/status.ts")).runStatus(options, terminal)),
    );
}

export function verifyCommand(choose: Choose): Command {
  return addLedgerOptions(addConnectionOptions(new Command("verify"), { isRequired: false }))
    .description(
      "Prove the ledger's chains whole: no gap, no overlap, counts that add up, no stuck lease; exit 1 when not. With --bootstrap-servers also held against the logs.",
    )
    .option("--stuck-after <minutes>", "how long an expired lease or an open range may wait", parseStuckAfter, 10)
    .addOption(
      new Option(
        "--outputs [where]",
        "also hold what outputs have against the ledger: s3 for archives, kafka, kafka:TOPIC in another cluster than the source's, or postgres://USER@HOST:PORT/DATABASE with PGPASSWORD; repeatable",
      )
        .preset("s3")
        .argParser(collectOutputs),
    )
    .option("--deep", "with --outputs s3, read every object, and compute its digests again")
    .option(
      "--strict",
      "exit 1 also for a warning (a range that is halted, or waits too long; a request that is incomplete), and for what was quarantined, skipped or lost unless requests have processed it since; a record that the code rejected fails nothing",
    )
    .action((options: VerifyArguments) =>
      choose(async (terminal) => (await import("../run/verify.ts")).runVerify(options, terminal)),
    );
}

export function manifestsCommand(choose: Choose): Command {
  return addLedgerOptions(new Command("manifests"))
    .description(
      "Write a manifest into the archive in S3 for each batch that is complete: its ranges, their objects, and counts. What is there stays.",
    )
    .option("--dry-run", "say what would be written, and write nothing")
    .action((options: ManifestArguments) =>
      choose(async (terminal) => (await import("../run/manifests.ts")).runManifests(options, terminal)),
    );
}

function collectOutputs(text: string, before: readonly OutputPlace[] = []): readonly OutputPlace[] {
  return [...before, parseOutputPlace(text)];
}

const parseStuckAfter = parseCount("--stuck-after", { min: 0, max: MAX_STUCK_AFTER_MINUTES, unit: "minutes" });

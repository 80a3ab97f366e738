// State folder
//
// What is left of a run for the next one in the same project: `.ranges`, with Kafka's data
// and with what MiniStack wrote when it was stopped. MiniStack's is a picture of one moment,
// ledger and tables together; the log may have gone on since, which is what it is for.
//
//   STF1  The ledger of another log is never taken: what MiniStack has kept belongs to the
//        cluster that it was kept with, and is dropped with any other.
//   STF2  A run that did not end in order has no picture of its end: what is there is older,
//        or half of one, and is dropped. The topics stay, and the pipelines start anew. What an output has in
//        Kafka or PostgreSQL stays too, and halts its partitions: the note tells the way out.
//   STF3  Two runs never have the same folder.

import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { isRunning } from "../process/is-running.ts";
import type { ServerPorts } from "../run/local-servers.ts";
import { emptyMiniStack } from "../servers/ministack.ts";

/** In the project, beside its package.json. */
const STATE_FOLDER = ".ranges";

interface State {
  readonly ports?: ServerPorts;
  /** Of the log that the kept ledger is of. */
  readonly clusterId?: string;
  readonly isClean?: boolean;
}

export interface StateFolder {
  readonly path: string;
  readonly ports: ServerPorts;
  /** Whether what MiniStack has kept may be gone on from; what may not is dropped, and why is said. */
  claimLedger(clusterId: string | undefined): Promise<LedgerClaim>;
  /** Remembers where the servers are, and that the run is under way. */
  begin(run: { readonly ports: ServerPorts; readonly clusterId: string }): void;
  /** The servers were stopped in order. */
  end(): void;
  /** Lets another run have the folder. */
  release(): void;
}

export interface LedgerClaim {
  readonly isKept: boolean;
  readonly note?: string;
}

/** Throws ConfigurationError while another run has the folder. */
export function openStateFolder(projectFolder: string, { isFresh }: { readonly isFresh: boolean }): StateFolder {
  const path = join(projectFolder, STATE_FOLDER);
  mkdirSync(path, { recursive: true });
  const lock = join(path, "pid");
  takeLock(lock, projectFolder);
  if (isFresh) {
    for (const name of ["kafka", "ministack", "cdk", "state.json"]) {
      rmSync(join(path, name), { recursive: true, force: true });
    }
  }
  // Where init's own .gitignore is not, nothing of it is committed either.
  writeFileSync(join(path, ".gitignore"), "*\n");
  const file = join(path, "state.json");
  let state = readState(file);
  const write = (next: State) => {
    state = next;
    writeFileSync(file, JSON.stringify(state));
  };
  return {
    path,
    ports: state.ports ?? {},
    claimLedger: async (clusterId) => {
      const claim = judge(state, existsSync(join(path, "ministack", "state")), clusterId);
      if (!claim.isKept) {
        await emptyMiniStack(join(path, "ministack"));
      }
      return claim;
    },
    begin: ({ ports, clusterId }) => write({ ports, clusterId, isClean: false }),
    end: () => write({ ...state, isClean: true }),
    release: () => rmSync(lock, { force: true }),
  };
}

function judge({ clusterId: before, isClean }: State, hasLedger: boolean, clusterId: string | undefined): LedgerClaim {
  if (before === undefined || clusterId === undefined || before !== clusterId) {
    const note = "this is another Kafka than the ledger's: ledger and tables are dropped, and the pipelines start anew";
    return hasLedger && before !== undefined ? { isKept: false, note } : { isKept: false };
  }
  if (isClean !== true) {
    return { isKept: false, note: `${LOST_LEDGER}. ${KEPT_OUTPUTS}` };
  }
  return { isKept: hasLedger };
}

const LOST_LEDGER =
  "the last run was killed, and what MiniStack held is lost: the topics are as they were, the ledger and the tables begin empty, and the pipelines start anew where startingOffsets says";
const KEPT_OUTPUTS =
  "Outputs of earlier runs are still in Kafka and PostgreSQL: partitions of a pipeline that writes there halt (LedgerIntegrityError) rather than write them twice. For Kafka begin again with --fresh, which drops the topics of a Kafka that is started here; for PostgreSQL TRUNCATE kafka_offset_ranges and the outputs' own tables, then npx ranges retry --all";

/** Each try finds a lock that is held, or clears one away whose run was killed. */
const MAX_LOCK_TRIES = 3;

/** The lock appears with its content or not at all, so that of two runs that begin at once one has the folder. */
function takeLock(lock: string, projectFolder: string): void {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (let tries = 1; !isLinked(own, lock); tries += 1) {
      const text = readText(lock);
      const holder = Number(text);
      if (tries === MAX_LOCK_TRIES || (holder !== process.pid && isRunning(holder))) {
        throw new ConfigurationError(
          `another ranges dev (process ${holder}) runs in ${quoteName(projectFolder)}; end it first, with Ctrl-C`,
        );
      }
      clearAway(lock, text);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** False where there is a lock already. */
function isLinked(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Another run may have cleared it away meanwhile and taken the folder: its lock is put back. */
function clearAway(lock: string, stale: string): void {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
    if (readText(aside) !== stale) {
      isLinked(aside, lock);
    }
  } catch (error) {
    if (codeOf(error) !== "ENOENT") {
      throw error;
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Empty where the lock was released meanwhile. */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      return "";
    }
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function readState(file: string): State {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Absent, or written half when the machine went down: nothing of it is known.
    return {};
  }
}

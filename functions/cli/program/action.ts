import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

/** What a command does; its exit code unless it throws. */
export type Action = (terminal: Terminal) => Promise<ExitCode>;

/** Is told the action of the command line that was parsed. */
export type Choose = (action: Action) => void;

import { DEPLOYMENT_CHOICES } from "./deployment-choices.ts";
import { ENTRY_CHOICE } from "./entry-choice.ts";
import { PACE_CHOICES } from "./pace-choices.ts";
import type { ReleaseChoice } from "./release-choice.ts";

/** All that may be wanted or not, in the order of the template's parameters. */
export const RELEASE_CHOICES: readonly ReleaseChoice[] = [...PACE_CHOICES, ENTRY_CHOICE, ...DEPLOYMENT_CHOICES];

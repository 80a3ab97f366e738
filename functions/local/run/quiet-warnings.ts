/** Leaves out what Node says of kafkajs's timers, which are of negative length by its throttling; a person can do nothing. */
export function quietTimerWarnings(): void {
  const shown = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "TimeoutNegativeWarning") {
      for (const show of shown) {
        show(warning);
      }
    }
  });
}

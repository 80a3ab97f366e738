import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { OutputLimitError } from "../../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../../shared/core/limits.ts";
import {
  aClaimedRange,
  applied,
  changed,
  claimBy,
  commitOf,
  completionOf,
  LEASE_MS,
  type LedgerUnderTest,
  NOW,
} from "./ledger-under-test.ts";

export function testOutputs<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("L3: outputs take effect with the commit and with the completion that carry them", async () => {
    const { ledger, output, timesApplied } = subject();
    const [first, second, last] = [randomUUID(), randomUUID(), randomUUID()];
    const running = await aClaimedRange(subject());

    const committed = changed(
      await ledger.changeRange(running, commitOf(running, 8n), [output(first), output(second)]),
    );
    changed(await ledger.changeRange(committed, completionOf(committed), [output(last)]));

    await expect(Promise.all([first, second, last].map(timesApplied))).resolves.toEqual([1, 1, 1]);
    await expect(ledger.newestRange(running.chain)).resolves.toMatchObject({ status: "COMPLETED" });
  });

  test("G3: the outputs of a processor that lost its lease take no effect", async () => {
    const { ledger, other, output, timesApplied } = subject();
    const id = randomUUID();
    const zombie = await aClaimedRange(subject());
    const taken = changed(await other.changeRange(zombie, claimBy("owner-2", NOW + LEASE_MS)));

    for (const event of [commitOf(zombie, 8n), completionOf(zombie)]) {
      const outcome = await ledger.changeRange(zombie, event, [output(id)]);
      expect(outcome).toEqual({ kind: "refused", refusal: { kind: "superseded" }, record: taken });
    }

    await expect(timesApplied(id)).resolves.toBe(0);
  });

  test("G4: the outputs of a second completion take no effect", async () => {
    const { ledger, output, timesApplied } = subject();
    const id = randomUUID();
    const running = await aClaimedRange(subject());
    const completed = await applied(subject(), running, completionOf);

    const outcome = await ledger.changeRange(running, completionOf(running), [output(id)]);

    expect(outcome).toEqual({ kind: "refused", refusal: { kind: "closed" }, record: completed });
    await expect(timesApplied(id)).resolves.toBe(0);
  });

  test("L5: of commits with outputs that follow the same offset exactly one applies, outputs and all", async () => {
    const { ledger, other, output, timesApplied } = subject();
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const running = await aClaimedRange(subject());

    const outcomes = await Promise.all(
      ids.map((id, index) =>
        (index % 2 === 0 ? ledger : other).changeRange(running, commitOf(running, 8n), [output(id)]),
      ),
    );

    const times = await Promise.all(ids.map(timesApplied));
    expect(times).toEqual(outcomes.map(({ kind }) => (kind === "changed" ? 1 : 0)));
    expect(times.filter((time) => time === 1)).toHaveLength(1);
  });

  test("L3: outputs for a record that is missing take no effect", async () => {
    const { ledger, forget, output, timesApplied } = subject();
    const id = randomUUID();
    const running = await aClaimedRange(subject());
    await forget(running);

    await expect(ledger.changeRange(running, commitOf(running, 8n), [output(id)])).resolves.toEqual({
      kind: "missing",
    });

    await expect(timesApplied(id)).resolves.toBe(0);
  });

  test(`takes ${MAX_OUTPUTS_PER_COMMIT} outputs, refuses one more before anything is written`, async () => {
    const { ledger, output, timesApplied } = subject();
    const ids = Array.from({ length: MAX_OUTPUTS_PER_COMMIT + 1 }, () => randomUUID());
    const running = await aClaimedRange(subject());

    const tooMany = ledger.changeRange(running, commitOf(running, 8n), ids.map(output));
    await expect(tooMany).rejects.toThrow(OutputLimitError);
    await expect(ledger.newestRange(running.chain)).resolves.toEqual(running);

    changed(await ledger.changeRange(running, commitOf(running, 8n), ids.slice(1).map(output)));
    const times = await Promise.all(ids.map(timesApplied));
    expect(times).toEqual([0, ...ids.slice(1).map(() => 1)]);
  });

  test("refuses outputs with an event that makes no progress", async () => {
    const { ledger, output } = subject();
    const running = await aClaimedRange(subject());

    const claim = ledger.changeRange(running, claimBy("owner-2", NOW + LEASE_MS), [output(randomUUID())]);

    await expect(claim).rejects.toThrow("claim events carry no outputs");
  });
}

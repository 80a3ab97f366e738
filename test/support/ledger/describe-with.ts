import { afterAll, beforeAll, describe } from "vitest";

/** Tests of what is created once for all of them, and disposed of behind the last one. */
export function describeWith<Subject extends AsyncDisposable>(
  name: string,
  create: () => Promise<Subject>,
  tests: (subject: () => Subject) => void,
): void {
  describe(name, () => {
    let created: Subject | undefined;
    beforeAll(async () => {
      created = await create();
    });
    afterAll(async () => {
      await created?.[Symbol.asyncDispose]();
    });
    tests(() => {
      if (created === undefined) {
        throw new Error(`${name} was not set up`);
      }
      return created;
    });
  });
}

/** An invariant that did not hold: `invariant` names it, as the README's guarantees do. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** Takes what an invariant found to be wrong. */
export type Report = (invariant: string, message: string) => void;

/** The text of the sample stream: small enough to watch, and more different words than one commit takes. */
export const SAMPLE_LINES: readonly string[] = [
  "the river carries every record from the hills down to the quiet harbour",
  "a ledger keeps what the river has carried and where each boat began",
  "no boat leaves before the harbour master has written its name in the book",
  "when two pilots claim the same boat the book decides and one of them goes home",
  "the night watch counts the lamps along the quay and finds none missing",
  "rain falls on the market square and the merchants close their wooden shutters",
  "an old clock above the gate strikes twelve though nobody remembers winding it",
  "children race paper boats through the gutters until the bells call them in",
  "the miller grinds barley in the morning and rye when the wind turns north",
  "each sack is weighed once and the weight is carved into a numbered stick",
  "if a stick breaks the miller weighs the sack again and burns the pieces",
  "letters arrive out of order so the postman sorts them by their seals",
  "some seals are broken and those letters go back with a note that says why",
  "the bridge keeper lets one cart pass at a time and remembers the last wheel",
  "fog hides the far bank but the ferry follows the rope from end to end",
  "whoever finds the rope cut waits on the bank and lights a signal fire",
  "bakers start long before dawn and sell the first loaves to the fishermen",
  "salt comes from the coast in white blocks stamped with a crown",
  "the scribe copies the same page twice and compares every single word",
  "where the copies differ he throws both away and begins from the seal",
  "autumn brings apples plums and a dispute about the orchard wall",
  "the wall stands exactly between the first tree and the second",
  "winter closes the pass and the village lives on what was stored",
  "spring opens it again and the carts continue from the very place they stopped",
];

/** The words of a line, as word-count.ts splits it. */
export function wordsOf(line: string): readonly string[] {
  return line.match(/\S+/g) ?? [];
}

/** Adds the words of the lines to the counts. */
export function addWords(counts: Map<string, number>, lines: Iterable<string>): void {
  for (const line of lines) {
    for (const word of wordsOf(line)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
}

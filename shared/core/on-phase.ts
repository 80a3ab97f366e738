/**
 * Told of each phase of a run or of an attempt once it is over, for who debugs one: numbers and names, never what a
 * record holds. It is called while the work goes on, and must neither wait nor throw.
 */
export type OnPhase = (phase: string, facts: Readonly<Record<string, bigint | number | string | undefined>>) => void;

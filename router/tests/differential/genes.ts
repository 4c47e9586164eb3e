import fc from 'fast-check';

/**
 * What an operation grows from, whatever the schema: every gene means something on every type, and a smaller one something
 * simpler, so that fast-check finds the smallest operation that shows a difference.
 */
export interface Gene {
  /** Which field, or which type a fragment is on. */
  readonly pick: number;
  /** A field, or a fragment: inline or by name. */
  readonly wrap: number;
  readonly alias: number;
  /** Arguments: their presence, values and variables. */
  readonly args: number;
  /** @skip and @include. */
  readonly condition: number;
  readonly children: readonly Gene[];
}

export interface OperationGenes {
  readonly selections: readonly Gene[];
  readonly isMutation: boolean;
  /** What the variables are, where one has a choice. */
  readonly variables: number;
}

export interface CaseGenes extends OperationGenes {
  /** Of the world. */
  readonly seed: number;
  readonly faults: readonly FaultGene[];
}

export interface FaultGene {
  /** Which of the places that the operation reaches. */
  readonly place: number;
  readonly kind: number;
}

const number = (most: number) => fc.nat({ max: most });

const NONE: Gene = { pick: 0, wrap: 0, alias: 0, args: 0, condition: 0, children: [] };

/** How many selections stand in one at most, from the leaves up. */
const BREADTHS = [0, 1, 1, 2, 2, 3];

const selection = BREADTHS.reduce<fc.Arbitrary<Gene>>(
  (child, breadth) =>
    fc.record({
      pick: number(255),
      wrap: number(15),
      alias: number(31),
      args: number(4_095),
      condition: number(31),
      children: breadth === 0 ? fc.constant([]) : fc.array(child, { maxLength: breadth, size: 'max' }),
    }),
  fc.constant(NONE),
);

/** @param withFaults how many of them at most */
export function caseGenes(withFaults: number): fc.Arbitrary<CaseGenes> {
  return fc.record({
    selections: fc.array(selection, { minLength: 1, maxLength: 4, size: 'max' }),
    isMutation: number(7).map((one) => one === 7),
    variables: number(4_095),
    seed: number(1_000_000),
    faults: fc.array(fc.record({ place: number(255), kind: number(255) }), {
      minLength: Math.min(1, withFaults),
      maxLength: withFaults,
    }),
  });
}

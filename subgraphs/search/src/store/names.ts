/**
 * Index versions `<prefix>ebuy-products-1`, `-2`, … Searches go to the alias `<prefix>ebuy-products`, which points to one of them; writes to
 * all that `<prefix>ebuy-products-write` points to: one, or two while a reindex runs.
 */
export interface IndexNames {
  readonly read: string;
  readonly write: string;
  version(number: number): string;
  /** Null for a name that is no version of ours. */
  numberOf(index: string): number | null;
}

/** The namespace as far as OpenSearch takes it: no leading dot (a hidden index) or hyphen. */
export function indexNames(namespace: string): IndexNames {
  const read = `${namespace.toLowerCase().replace(/^[-_+.]+/, '')}ebuy-products`;
  return {
    read,
    write: `${read}-write`,
    version: (number) => `${read}-${number}`,
    numberOf(index) {
      const rest = index.startsWith(`${read}-`) ? index.slice(read.length + 1) : '';
      return /^\d{1,9}$/.test(rest) ? Number(rest) : null;
    },
  };
}

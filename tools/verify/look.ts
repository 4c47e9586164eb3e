/** What was read in one round of the judge: each thing once, however many checks need it. A later round looks anew. */
export class Look {
  readonly #seen = new Map<object, Promise<unknown>>();

  /** `read` is its own name: two functions are two things. */
  at<Source, Read>(read: (source: Source, look: Look) => Promise<Read>, source: Source): Promise<Read> {
    const seen = this.#seen.get(read);
    if (seen !== undefined) return seen as Promise<Read>;
    const reading = read(source, this);
    this.#seen.set(read, reading);
    return reading;
  }
}

/** Chance that is the same for the same words: what both executions are shown must not depend on who asks first. */
export function chanceOf(...words: readonly (string | number)[]): number {
  let hash = 2_166_136_261;
  for (const letter of words.join('\u0001')) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_519);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_917);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A row of chances. */
export function dice(...seed: readonly (string | number)[]) {
  let thrown = 0;
  const next = () => chanceOf(...seed, thrown++);
  return {
    next,
    among: <One>(these: readonly One[]): One => these[Math.floor(next() * these.length)] as One,
  };
}

export type Dice = ReturnType<typeof dice>;

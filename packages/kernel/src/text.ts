/** Anything a store, a reader or a log could stumble over: control characters, the null byte among them. */
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/u;

/** Whether a text has at most `max` characters, as a person counts code points; never walks more than it must. */
export function hasAtMost(text: string, max: number): boolean {
  if (text.length <= max) return true;
  if (text.length > 2 * max) return false;
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters <= max;
}

/** Whether a text has no control character and no half of one. With `layout`, tabs and line breaks may stand in it. */
export function isPrintable(text: string, layout = false): boolean {
  return text.isWellFormed() && !(layout ? CONTROL_BUT_LAYOUT : CONTROL).test(text);
}

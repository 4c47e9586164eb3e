import { refuse } from '../refusals.ts';

/** Anything a reader or a log could stumble over: control characters, the null byte among them. */
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/u;

export interface TextRule {
  readonly field: readonly string[];
  readonly max: number;
  /** Tabs and line breaks may stand in it. */
  readonly layout?: boolean;
}

/** Whether a text has at most `max` characters, as a person counts code points; never walks more than it must. */
function hasAtMost(text: string, max: number): boolean {
  if (text.length <= max) return true;
  if (text.length > 2 * max) return false;
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters <= max;
}

export function isPrintable(text: string, layout = false): boolean {
  return text.isWellFormed() && !(layout ? CONTROL_BUT_LAYOUT : CONTROL).test(text);
}

/** A text as it may be kept: trimmed, composed (NFC), within its length, and it says something. Refuses what cannot be. */
export function requiredText(text: string, rule: TextRule): string {
  const kept = sound(text, rule);
  if (kept === '') refuse('INVALID_INPUT', { field: rule.field, message: `${name(rule.field)} must not be empty.` });
  return kept;
}

/** Null for nothing, and for a text that says nothing. */
export function textOrNull(text: string | null | undefined, rule: TextRule): string | null {
  return text === null || text === undefined ? null : sound(text, rule) || null;
}

function sound(text: string, { field, max, layout = false }: TextRule): string {
  if (!hasAtMost(text, max)) {
    refuse('INVALID_INPUT', { field, message: `${name(field)} has at most ${max} characters.` });
  }
  if (!isPrintable(text, layout)) {
    refuse('INVALID_INPUT', {
      field,
      message: `${name(field)} has a control character or half a character. Remove it.`,
    });
  }
  return text.normalize('NFC').trim();
}

function name(field: readonly string[]): string {
  return field.at(-1) ?? 'The field';
}

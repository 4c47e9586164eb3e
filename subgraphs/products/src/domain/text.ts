import { hasAtMost, isPrintable } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';

export interface TextRule {
  readonly field: readonly string[];
  readonly max: number;
  /** Tabs and line breaks may stand in it. */
  readonly layout?: boolean;
}

/** A text as it may be kept: trimmed, composed (NFC), within its length. Refuses what cannot be. */
export function optionalText(text: string, { field, max, layout = false }: TextRule): string {
  if (!hasAtMost(text, max))
    refuse('INVALID_INPUT', { field, message: `${name(field)} has at most ${max} characters.` });
  if (!isPrintable(text, layout)) {
    refuse('INVALID_INPUT', {
      field,
      message: `${name(field)} has a control character or half a character. Remove it.`,
    });
  }
  return text.normalize('NFC').trim();
}

/** The same, and it must say something. */
export function requiredText(text: string, rule: TextRule): string {
  const kept = optionalText(text, rule);
  if (kept === '') refuse('INVALID_INPUT', { field: rule.field, message: `${name(rule.field)} must not be empty.` });
  return kept;
}

/** Null for nothing, and for a text that says nothing. */
export function textOrNull(text: string | null | undefined, rule: TextRule): string | null {
  return text === null || text === undefined ? null : optionalText(text, rule) || null;
}

export function listWithin<Entry>(list: readonly Entry[], max: number, field: readonly string[]): readonly Entry[] {
  if (list.length > max) refuse('INVALID_INPUT', { field, message: `${name(field)} has at most ${max} entries.` });
  return list;
}

/** The field a message is about: the last word of its path that is not a number. */
function name(field: readonly string[]): string {
  return field.findLast((part) => !/^\d+$/.test(part)) ?? 'The field';
}

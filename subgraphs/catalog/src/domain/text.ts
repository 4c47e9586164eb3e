import { hasAtMost, isPrintable } from '@ebuy/kernel';
import { refuse } from '../refusals.ts';

export interface TextRule {
  readonly field: readonly string[];
  readonly max: number;
  /** Tabs and line breaks may stand in it. */
  readonly layout?: boolean;
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

import { type ConceptSet, concepts } from '@ocelli/emoji-scenes';

const patterns = new Map<ConceptSet, readonly { label: string; pattern: RegExp; length: number }[]>();

/** The concept whose label or plural is the longest that a caption contains as whole words, or null. */
export function namedObject(caption: string, set: ConceptSet): string | null {
  let list = patterns.get(set);
  if (!list) {
    const quoted = (text: string): string => text.replace(/[^\w\s]/g, '\\$&');
    list = concepts(set)
      .map(({ label, plural }) => ({
        label,
        pattern: new RegExp(`(^|[^\\w])(${quoted(label)}|${quoted(plural)})($|[^\\w])`, 'i'),
        length: label.length,
      }))
      .sort((a, b) => b.length - a.length);
    patterns.set(set, list);
  }
  return list.find(({ pattern }) => pattern.test(caption))?.label ?? null;
}

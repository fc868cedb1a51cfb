import type { Facts } from './facts.js';

/** Sections of facts for the terminal. */
export function formatFacts(sections: Readonly<Record<string, Facts>>): string {
  return Object.entries(sections)
    .map(([title, facts]) => [title, ...rows(facts, '  ')].join('\n'))
    .join('\n\n');
}

function rows(facts: Facts, indent: string): string[] {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return [`${indent}${name}`, ...rows(value as Facts, `${indent}  `)];
    }
    return [`${indent}${name.padEnd(width)}  ${show(value)}`];
  });
}

function show(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return Array.isArray(value) ? value.join(' x ') : String(value);
}

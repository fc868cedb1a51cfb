import type { ArgsDef } from 'citty';
import { nearest } from '../config/nearest.js';
import type { CliCommand } from './command.js';
import { UsageError } from './usage-error.js';

/**
 * Throws for an option that the command does not have, for one without its value, with a value that is no choice of it or
 * given twice (only the last would count), and for words too many or too few.
 */
export function checkArguments(
  name: string,
  { definition, manyPositionals }: CliCommand,
  words: readonly string[],
): void {
  const args = Object.entries((definition.args ?? {}) as ArgsDef);
  const options = new Map(
    args.flatMap(([key, arg]) => {
      if (arg.type === 'positional') return [];
      const names = [`--${key}`, ...(arg.type === 'boolean' ? [`--no-${key}`] : [])];
      return names.map((option) => [option, arg] as const);
    }),
  );
  const positionals: string[] = [];
  const seen = new Set<ArgsDef[string]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      positionals.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const [option, value] = word.split(/=(.*)/s) as [string, string?];
    const arg = options.get(option);
    if (!arg) {
      const guess = nearest(option, [...options.keys()]);
      throw new UsageError(
        name,
        `there is no option ${option}; ${guess ? `did you mean ${guess}?` : `ocelli ${name} --help lists them`}`,
      );
    }
    if (seen.has(arg)) {
      throw new UsageError(
        name,
        `${option} is given twice; write it once${arg.valueHint?.includes(',') ? ', with commas between its values' : ''}`,
      );
    }
    seen.add(arg);
    if (arg.type === 'boolean') continue;
    const given = value ?? words[++i];
    if (given === undefined || given === '' || (value === undefined && options.has(given))) {
      throw new UsageError(name, `${option} has no value; write ${option} ${arg.valueHint ?? 'VALUE'}`);
    }
    const choices = arg.type === 'enum' ? (arg.options ?? []) : [];
    if (choices.length > 0 && !choices.includes(given)) {
      const guess = nearest(given, choices);
      throw new UsageError(
        name,
        `${option} is "${given}"; ${guess ? `did you mean "${guess}"? Choose` : 'choose'} ${choices.join(', ')}`,
      );
    }
  }
  checkPositionals(name, args, positionals, manyPositionals ?? false);
  for (const [key, arg] of args) {
    if (arg.type === 'positional' || arg.required !== true) continue;
    if (words.some((word) => word === `--${key}` || word.startsWith(`--${key}=`))) continue;
    throw new UsageError(name, `--${key} is missing; add --${key} ${arg.valueHint ?? 'VALUE'}`);
  }
}

function checkPositionals(
  name: string,
  args: readonly (readonly [string, ArgsDef[string]])[],
  found: readonly string[],
  many: boolean,
): void {
  const known = args.filter(([, arg]) => arg.type === 'positional');
  const missing = known.slice(found.length).find(([, arg]) => arg.required !== false);
  if (missing)
    throw new UsageError(
      name,
      `${missing[0].toUpperCase()} is missing; ocelli ${name} --help shows how to call it`,
    );
  if (many || found.length <= known.length) return;
  throw new UsageError(
    name,
    `"${found[known.length]}" is one word too many after ${known.map(([key]) => key.toUpperCase()).join(' ') || 'the command'}; ` +
      `put text with spaces in quotes`,
  );
}

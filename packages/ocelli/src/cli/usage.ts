import type { ArgsDef } from 'citty';
import type { CliCommand, LazyCommand } from './command.js';

/** The help of `ocelli --help`. */
export function overview(commands: Readonly<Record<string, LazyCommand>>, version: string): string {
  return [
    `ocelli ${version}: give a frozen language model eyes`,
    '',
    'Usage: ocelli COMMAND [options]',
    '',
    'Commands:',
    ...columns(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    'Begin with:',
    '  ocelli demo                      # train and compare five methods on drawings, about five minutes',
    '  ocelli train my-pictures.yaml    # your own pictures; ocelli train --help shows the file',
    '',
    'ocelli COMMAND --help tells more about a command. OCELLI_DEBUG=1 shows where an error comes from.',
  ].join('\n');
}

/** The help of one command. */
export function usage(name: string, { definition, examples, manyPositionals, notes }: CliCommand): string {
  const args = Object.entries((definition.args ?? {}) as ArgsDef);
  const positionals = args.filter(([, arg]) => arg.type === 'positional');
  const options = args.filter(([, arg]) => arg.type !== 'positional');
  const words = positionals.map(([key, arg], index) => {
    const word = key.toUpperCase() + (manyPositionals && index === positionals.length - 1 ? '...' : '');
    return arg.required === false ? `[${word}]` : word;
  });
  const required = options
    .filter(([, arg]) => arg.required === true)
    .map(([key, arg]) => `--${key} ${arg.valueHint}`);
  const rows = options.map(([key, arg]): [string, string] => {
    const negative = arg.type === 'boolean' && arg.default === true;
    const value = arg.type === 'boolean' ? '' : ` ${arg.valueHint ?? 'VALUE'}`;
    const known = arg.default === undefined || arg.type === 'boolean' ? '' : ` (default: ${arg.default})`;
    return [`--${negative ? 'no-' : ''}${key}${value}`, `${arg.description ?? ''}${known}`];
  });
  const meta = definition.meta as { description?: string } | undefined;
  return [
    meta?.description ?? '',
    '',
    `Usage: ${['ocelli', name, ...words, ...required].join(' ')}${options.length > required.length ? ' [options]' : ''}`,
    ...(positionals.length > 0
      ? [
          '',
          'Arguments:',
          ...columns(positionals.map(([key, arg]) => [key.toUpperCase(), arg.description ?? ''])),
        ]
      : []),
    '',
    'Options:',
    ...columns([...rows, ['-h, --help', 'Show this help']]),
    ...(notes && notes.length > 0 ? ['', ...notes] : []),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`.trimEnd());
}

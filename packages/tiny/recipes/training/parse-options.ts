/**
 * Options from the command line: `--steps 300 --learning-rate=1e-3`.
 *
 * @param defaults every option with the value that it has when it is not given; numbers stay numbers.
 * @throws when a name or a value is not known.
 */
export function parseOptions<Options extends object>(defaults: Options, args: readonly string[]): Options {
  const options: Record<string, unknown> = Object.fromEntries(Object.entries(defaults));
  const words = args.filter((arg) => arg !== '--').flatMap((arg) => arg.split('='));
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i]!.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    const text = words[i + 1] ?? '';
    const value = typeof options[name] === 'number' ? Number(text) : text;
    if (!Object.hasOwn(defaults, name) || text === '' || Number.isNaN(value)) {
      throw new Error(`"${words[i]} ${text}" is no option; they are ${Object.keys(defaults).join(', ')}`);
    }
    options[name] = value;
  }
  return options as Options;
}
